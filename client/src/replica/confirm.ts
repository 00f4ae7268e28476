import { isEqualJson, keyText, type LogEntry, type Table } from '@cambium/protocol';
import { applyEntry, type Effect } from '@cambium/tree';
import type { ClientDatabase } from '../database/open.ts';
import type { PendingRecord } from '../database/records.ts';
import { keyOf, type StoredRow } from '../database/rows.ts';
import { Aftermath } from './aftermath.ts';
import { isTable } from './names.ts';

/** An entry of the own client, or one that follows from it, and the pending change behind it. */
export interface OwnEntry {
  entry: LogEntry;
  record: PendingRecord;
}

/** Fields that the server alone can tell, and nothing else depends on. */
const TIMES = new Set(['modified', 'created', 'last_published']);

/** Fields that follow from other rows of the same prediction, or that never leave this device. */
const BOOKKEEPING = new Set(['changed', 'order', 'child_count']);

/**
 * When the server did with the oldest pending changes exactly what had been predicted, nothing has to be undone and
 * put on again: the base moves forward by forgetting their images. The price does not depend on what else is queued.
 *
 * @returns false when anything came out differently; nothing has happened then
 */
export async function confirm(db: ClientDatabase, own: readonly OwnEntry[]): Promise<boolean> {
  if (!own.every(isConfirmable)) return false;
  const aftermath = new Aftermath(db);
  const parents = own.flatMap(({ entry: { parent } }) => (parent === undefined ? [] : [`contentnode:${parent}`]));
  await aftermath.load(new Set(own.flatMap(({ entry }) => rowsOf(entry))), parents);
  if (!own.every((each) => isAsPredicted(each, aftermath))) return false;
  for (const each of own) if (await madeMore(db, each)) return false;
  for (const each of own) takeTimes(each, aftermath);
  const revs = new Set(own.map(({ record }) => record.rev));
  await aftermath.flush(revs);
  await forgetImages(db, revs);
  return true;
}

/** One request for all: they lie side by side, but for changes of other channels. */
async function forgetImages(db: ClientDatabase, revs: ReadonlySet<number>): Promise<void> {
  const range = [Math.min(...revs), Math.max(...revs)] as const;
  const keys = await db.undo.where('[rev+part]').between([range[0], 0], [range[1], Infinity], true, true).primaryKeys();
  await db.undo.bulkDelete(keys.filter(([rev]) => revs.has(rev)));
}

function isConfirmable({ entry, record }: OwnEntry): boolean {
  if (record.noop || !isTable(entry.table) || entry.type === 'PUBLISHED') return false;
  if (entry.table === 'channel' && entry.type === 'DELETED') return false;
  if (entry.rev === null) return entry.type === 'UPDATED';
  return record.predicted?.parent === entry.parent && record.predicted?.after === entry.after;
}

/**
 * Did the prediction of a copy make rows that the server did not? A source in another channel may have lost some, and
 * its entries come apart from those of the copy.
 */
async function madeMore(db: ClientDatabase, { entry, record }: OwnEntry): Promise<boolean> {
  if (entry.type !== 'COPIED') return false;
  const undo = await db.undo.where('[rev+part]').between([record.rev, 0], [record.rev, Infinity], true, true).toArray();
  const made = undo.flatMap(({ images }) => images).filter(({ before }) => before === null);
  return made.length !== (entry.rows ?? []).length;
}

/** The rows, as `table:key`, that have to be looked at to judge an entry. */
function rowsOf(entry: LogEntry): string[] {
  const key = keyText(entry.key);
  const rows = [`${entry.table}:${key}`];
  // A root's title and its channel's name are one, and a channel brings its root along.
  if (entry.table === 'channel' || key === entry.channel_id) rows.push(`channel:${key}`, `contentnode:${key}`);
  for (const { table, row } of entry.rows ?? []) rows.push(`${table}:${keyText(keyOf(table as Table, row))}`);
  return rows;
}

function isAsPredicted({ entry, record }: OwnEntry, aftermath: Aftermath): boolean {
  const { rev } = record;
  const key = keyText(entry.key);
  if (entry.type === 'MOVED') return true;
  if (entry.type === 'DELETED') return aftermath.after(entry.table as Table, key, rev) === undefined;
  const effects = effectsOf({ entry, record }, aftermath);
  return effects.length > 0 && effects.every((effect) => matches(effect, rev, aftermath));
}

function effectsOf({ entry, record }: OwnEntry, aftermath: Aftermath): Effect[] {
  return applyEntry(entry, aftermath.readerBefore(record.rev));
}

function matches(effect: Effect, rev: number, aftermath: Aftermath): boolean {
  const written = writtenBy(effect);
  if (!written) return false;
  const row = aftermath.after(written.table, written.key, rev);
  // A row that only its list of children has changed in was not looked up with its images.
  if (Object.keys(written.fields).every((field) => BOOKKEEPING.has(field))) return true;
  if (!row) return false;
  return Object.entries(written.fields).every(
    ([field, value]) => TIMES.has(field) || BOOKKEEPING.has(field) || isEqualJson(row[field], value),
  );
}

function writtenBy(effect: Effect): { table: Table; key: string; fields: StoredRow } | null {
  switch (effect.effect) {
    case 'insert':
      return { table: 'contentnode', key: effect.row.id, fields: effect.row as unknown as StoredRow };
    case 'put': {
      const row = effect.row as unknown as StoredRow;
      return { table: effect.table, key: keyText(keyOf(effect.table, row)), fields: row };
    }
    case 'patch':
      return { table: effect.table, key: keyText(effect.key), fields: effect.fields as StoredRow };
    default:
      return null;
  }
}

/** A prediction has this device's time; from now on the server's stands there. */
function takeTimes({ entry, record }: OwnEntry, aftermath: Aftermath): void {
  const { rev } = record;
  if (entry.type === 'DELETED') return;
  if (entry.type === 'MOVED') {
    const key = keyText(entry.key);
    if (aftermath.wrote('contentnode', key, rev, ['parent_id', 'order'])) {
      aftermath.correct('contentnode', key, rev, 'modified', entry.at);
    }
    return;
  }
  for (const effect of effectsOf({ entry, record }, aftermath)) {
    const written = writtenBy(effect);
    for (const field of TIMES) {
      if (written && written.fields[field] !== undefined && written.fields[field] !== null) {
        aftermath.correct(written.table, written.key, rev, field, written.fields[field]);
      }
    }
  }
}
