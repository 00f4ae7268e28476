import type { Database } from 'better-sqlite3';
import { statement } from '../../database/statement.ts';

const DAY = 86_400_000;

/** How long a client that was seen keeps what it has not read yet, milliseconds. */
export const CURSOR_MS = 7 * DAY;

/** How long the log after a snapshot's rev is kept, milliseconds. */
export const HOLD_MS = DAY;

/** What is younger is never cut: a snapshot that begins now is noted by then. Milliseconds. */
const FRESH_MS = 60_000;

export interface LogState {
  pk: number;
  head: number;
  checkpoint: number;
  deleted: number;
}

const TIME = `SELECT entry ->> '$.at' AS at FROM change_log WHERE channel = ? AND rev = ?`;
const HELD = `SELECT min(rev) AS rev FROM snapshot_hold WHERE channel = ? AND rev >= ? AND until > ?`;
/** A cursor below the checkpoint is past saving: that client takes a snapshot anyway. */
const SLOWEST = `SELECT min(rev) AS rev FROM cursor WHERE channel = ? AND rev >= ? AND seen > ?`;
const INDEXED = `SELECT rev FROM search_state WHERE channel = ?`;

/**
 * The last rev of a channel's log that nobody needs: older than `keep` seconds, and than a minute; not after the rev of a snapshot begun
 * in the last 24 h; not after the cursor of a client seen in the last 7 days; and taken into the search index, which
 * is made from the log. At least the checkpoint.
 */
export function cutLimit(db: Database, channel: LogState, keep: number, now: number): number {
  const { pk, checkpoint } = channel;
  const least = (text: string, ...values: (string | number)[]): number =>
    statement<unknown[], { rev: number | null }>(db, text).get(pk, ...values)?.rev ?? Number.MAX_SAFE_INTEGER;
  return Math.max(
    checkpoint,
    Math.min(
      lastBefore(db, channel, timeText(now - Math.max(keep * 1_000, FRESH_MS))),
      least(HELD, checkpoint, timeText(now)),
      least(SLOWEST, checkpoint, timeText(now - CURSOR_MS)),
      channel.deleted === 1 ? channel.head : (statement<[number], { rev: number }>(db, INDEXED).get(pk)?.rev ?? 0),
    ),
  );
}

/** The last rev whose time is not after `time`: times rise with revs, so halving finds it. */
export function lastBefore(db: Database, { pk, head, checkpoint }: LogState, time: string): number {
  let [before, after] = [checkpoint, head + 1];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    const found = statement<[number, number], { at: string }>(db, TIME).get(pk, middle);
    if (!found) throw new Error(`rev ${middle} is missing in the log`);
    if (found.at <= time) before = middle;
    else after = middle;
  }
  return before;
}

/** ISO 8601, as times are stored; those before 1970 are all the same. */
function timeText(ms: number): string {
  return new Date(Math.max(0, ms)).toISOString();
}
