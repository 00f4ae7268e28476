import type { Table } from '@cambium/protocol';
import type { ClientDatabase } from '../database/open.ts';
import type { UndoRecord } from '../database/records.ts';
import type { StoredRow } from '../database/rows.ts';
import { before } from './undo-log.ts';
import type { Workspace } from './workspace.ts';

/** Takes the predictions of these changes off what is shown, newest first, and forgets their images. */
export async function rollback(revs: readonly number[], workspace: Workspace): Promise<void> {
  if (revs.length === 0) return;
  const records = await undoOf(workspace.db, revs);
  await loadRows(records, workspace);
  for (const record of records.reverse()) {
    for (const image of record.images.toReversed()) {
      const now = workspace.stored(image.table, image.key) as StoredRow | undefined;
      workspace.set(image.table, image.key, before(image, now));
    }
  }
  workspace.undo.drop(records);
}

/** Undo records of these revs, oldest first. `revs` are in order. */
async function undoOf(db: ClientDatabase, revs: readonly number[]): Promise<UndoRecord[]> {
  const first = revs[0] as number;
  const last = revs.at(-1) as number;
  const range = await db.undo.where('[rev+part]').between([first, 0], [last, Infinity], true, true).toArray();
  const wanted = new Set(revs);
  return range.filter(({ rev }) => wanted.has(rev));
}

async function loadRows(records: readonly UndoRecord[], workspace: Workspace): Promise<void> {
  const keys = new Map<Table, Set<string>>();
  for (const { images } of records) {
    for (const { table, key } of images) {
      const set = keys.get(table) ?? new Set();
      keys.set(table, set.add(key));
    }
  }
  for (const [table, set] of keys) await workspace.load(table, [...set]);
}
