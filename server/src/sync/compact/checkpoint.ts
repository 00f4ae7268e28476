import { gunzipSync, gzip } from 'node:zlib';
import { promisify } from 'node:util';
import type { Database } from 'better-sqlite3';
import type { StoredRow as MemoryRow } from '@cambium/tree';
import { statement } from '../../database/statement.ts';

/** A line of a checkpoint: a row as the log made it, with the rev of the last entry that touched it. */
export type CheckpointRow = MemoryRow & { rev: number };

/** Rows of one part, and characters: few enough to be packed, sent to the writer and unpacked while others wait. */
const PART = 1_000;
const LONGEST = 4_194_304;

const EXISTS = `SELECT 1 FROM checkpoint WHERE channel = ? AND rev = ?`;
const PARTS = `SELECT part, rows FROM checkpoint_rows WHERE channel = ? AND rev = ? AND part >= ? ORDER BY part LIMIT 1`;

const pack = promisify(gzip);

/** The rev after which a channel's log begins. */
export function checkpointOf(db: Database, channel: number): number {
  const text = `SELECT checkpoint FROM channel WHERE pk = ?`;
  return statement<[number], { checkpoint: number }>(db, text).get(channel)?.checkpoint ?? 0;
}

/** Rows of one state (`channel` first, nodes in document order) as the parts that are stored. */
export async function* packCheckpoint(rows: Iterable<CheckpointRow>): AsyncGenerator<Uint8Array> {
  let lines: string[] = [];
  let length = 0;
  for (const { table, row, rev } of rows) {
    const line = JSON.stringify({ table, row, rev });
    lines.push(line);
    length += line.length;
    if (lines.length < PART && length < LONGEST) continue;
    yield await pack(lines.join('\n'));
    lines = [];
    length = 0;
  }
  if (lines.length > 0) yield await pack(lines.join('\n'));
}

/** Is there a whole checkpoint at this rev? */
export function hasCheckpoint(db: Database, channel: number, rev: number): boolean {
  return statement<[number, number]>(db, EXISTS).get(channel, rev) !== undefined;
}

/** The rows of a checkpoint, a part at a time; `db` should see one state all the while. */
export function* readCheckpoint(db: Database, channel: number, rev: number): Generator<CheckpointRow[]> {
  if (!hasCheckpoint(db, channel, rev)) throw new Error(`there is no checkpoint at rev ${rev}`);
  const read = statement<number[], { part: number; rows: Buffer }>(db, PARTS);
  for (let part = 0; ;) {
    const found = read.get(channel, rev, part);
    if (!found) return;
    // A hole would make another tree, quietly.
    if (found.part !== part) throw new Error(`part ${part} of the checkpoint at rev ${rev} is missing`);
    yield gunzipSync(found.rows)
      .toString('utf8')
      .split('\n')
      .map((line) => JSON.parse(line) as CheckpointRow);
    part += 1;
  }
}
