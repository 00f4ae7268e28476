import type { FileRow, Id, NodeRow } from '@cambium/protocol';
import type { Dexie, Table } from 'dexie';

import type { ClientDeps } from '../deps.ts';
import type { HashWorker } from './hash-worker.ts';
import type { UploadTables } from '../database/uploads.ts';

/** A change before the queue gave it a rev. */
export type FileChange = { table: 'file'; key: Id; group?: string } & (
  { type: 'CREATED'; obj: Record<string, string | number | null> } | { type: 'DELETED' }
);

/** What the uploads need of the rest of the client. */
export interface UploadDeps {
  database: Dexie & UploadTables & { contentnode: Table<NodeRow, Id>; file: Table<FileRow, Id> };
  world: Pick<ClientDeps, 'clock' | 'timers' | 'random' | 'fetch' | 'locks' | 'connectivity' | 'persist' | 'available'>;
  /** Origin of the server, without a slash at its end. */
  server: string;
  token: () => string;
  /** Queues changes. Called inside a transaction over all tables: it may await Dexie alone. */
  write(channel: Id, changes: FileChange[]): PromiseLike<unknown>;
  /** A Web Worker that runs `serveHasher`, where one can be had. */
  hashWorker?: () => HashWorker;
}
