import type { Id, Table as TableName } from '@cambium/protocol';
import { Dexie, type Table } from 'dexie';
import type { ClientDeps } from '../deps.ts';
import { UPLOAD_STORES, type UploadTables } from './uploads.ts';
import type {
  AppliedRecord,
  ConflictRecord,
  CursorRecord,
  MetaRecord,
  MetaValues,
  PendingRecord,
  RescueRecord,
  UndoRecord,
} from './records.ts';
import type { StoredRow, StoredRows } from './rows.ts';

/** The tables of one user's database. `contentnode` and its like hold rows as shown: base with pending on top. */
export const STORES = {
  channel: 'id',
  contentnode: 'id, [parent_id+order], channel_id',
  contentnode_prerequisite: '[target_node+prerequisite], prerequisite, channel_id',
  assessmentitem: 'id, contentnode, channel_id',
  file: 'id, contentnode, assessment_item, channel_id',
  app_row: 'id, [channel_id+table], channel_id',
  undo: '[rev+part], *rows',
  pending: 'rev, row, [channel_id+rev], group',
  rescue: 'rev',
  applied: '[client_id+rev], at',
  conflict: '[client_id+rev], at',
  cursor: 'channel_id',
  meta: 'name',
} as const;

export interface ClientTables extends UploadTables {
  channel: Table<StoredRows['channel'], Id>;
  contentnode: Table<StoredRows['contentnode'], Id>;
  contentnode_prerequisite: Table<StoredRows['contentnode_prerequisite'], [Id, Id]>;
  assessmentitem: Table<StoredRows['assessmentitem'], Id>;
  file: Table<StoredRows['file'], Id>;
  app_row: Table<StoredRows['app_row'], Id>;
  undo: Table<UndoRecord, [number, number]>;
  pending: Table<PendingRecord, number>;
  rescue: Table<RescueRecord, number>;
  applied: Table<AppliedRecord, [Id, number]>;
  conflict: Table<ConflictRecord, [Id, number]>;
  cursor: Table<CursorRecord, Id>;
  meta: Table<MetaRecord, keyof MetaValues>;
}

export type ClientDatabase = Dexie & ClientTables;

/** One database per user: what one user queued is never sent with another one's token. */
export async function openDatabase(name: string, deps: ClientDeps): Promise<ClientDatabase> {
  // Live queries look for these two on their own; without them they stay silent.
  Dexie.dependencies.indexedDB ??= deps.indexedDB;
  Dexie.dependencies.IDBKeyRange ??= deps.IDBKeyRange;
  const db = new Dexie(name, { indexedDB: deps.indexedDB, IDBKeyRange: deps.IDBKeyRange });
  const { app_row, conflict, ...first } = STORES;
  db.version(1).stores({ ...first, ...UPLOAD_STORES });
  db.version(2).stores({ app_row, conflict });
  // An old tab must not stand in the way of a newer version's upgrade.
  db.on('versionchange', () => db.close());
  await db.open();
  return db as ClientDatabase;
}

/** A table of rows by its name, for code that treats all alike. */
export function rowTable(db: ClientDatabase, table: TableName): Table<StoredRow, string | [string, string]> {
  return db[table] as unknown as Table<StoredRow, string | [string, string]>;
}

/**
 * Runs `work` in one transaction over everything but the bytes of uploads. It may await Dexie alone.
 *
 * `work` gets the transaction in the place of the database and has to use that one: Dexie finds the current transaction
 * by following awaits, and after many requests at once it can lose its track. What then asked the database itself
 * would be done outside of the transaction, which ends early. Called with a transaction it only joins in.
 */
export function transact<T>(db: ClientDatabase, work: (db: ClientDatabase) => Promise<T>): Promise<T> {
  if (!(db instanceof Dexie)) return work(db);
  const tables = Object.keys(STORES);
  return db.transaction('rw', tables, async (within) => work(within as unknown as ClientDatabase)) as Promise<T>;
}
