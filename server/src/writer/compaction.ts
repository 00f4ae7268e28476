import type { Database } from 'better-sqlite3';
import type { Id } from '@cambium/protocol';
import { statement } from '../database/statement.ts';
import { clearRemains } from '../sync/clearChannel.ts';
import { cutLimit, CURSOR_MS, type LogState } from '../sync/compact/limit.ts';
import { defineCommand } from './command.ts';

/** Somebody who needs the log after a rev: by a snapshot begun there (until a time), or by the cursor of a client. */
export interface ReaderNotes {
  holds: { channel: number; rev: number; until: string }[];
  cursors: { channel: Id; user: number; client_id: Id; rev: number; seen: string }[];
}

declare module './writer.ts' {
  interface Commands {
    'log.note': { input: ReaderNotes; output: void };
    /** One part of a checkpoint that is being made (`packCheckpoint`). */
    'checkpoint.part': { input: { channel: number; rev: number; part: number; rows: Uint8Array }; output: void };
    /** All parts are there: the checkpoint may be used from now on. */
    'checkpoint.finish': { input: { channel: number; rev: number }; output: void };
    /**
     * Lets the log begin after the newest checkpoint that keeps everything somebody needs (`cutLimit`), for a deleted
     * channel after its end. Returns the rev after which it begins now. `keep`: seconds.
     */
    'checkpoint.use': { input: { channel: number; keep: number }; output: number };
    /** Deletes some of what lies before the checkpoint; false when nothing is left of it. */
    'log.trim': { input: { channel: number; most: number }; output: boolean };
    /** Takes so many of its rows out of a deleted channel; false when none was left. */
    'channel.clear': { input: { channel: number; most: number }; output: boolean };
  }
}

const HOLD = `INSERT INTO snapshot_hold(channel, rev, until) VALUES(?, ?, ?)
  ON CONFLICT(channel, rev) DO UPDATE SET until = max(until, excluded.until)`;
const CURSOR = `INSERT INTO cursor(channel, user, client_id, rev, seen) SELECT pk, ?, ?, ?, ? FROM channel WHERE id = ?
  ON CONFLICT(channel, user, client_id) DO UPDATE SET rev = excluded.rev, seen = max(seen, excluded.seen)`;
const STATE = `SELECT pk, head, checkpoint, deleted FROM channel WHERE pk = ?`;
const NEWEST = `SELECT max(rev) AS rev FROM checkpoint WHERE channel = ? AND rev <= ?`;
const USE = `UPDATE channel SET checkpoint = ? WHERE pk = ?`;

/** Rows that follow a checkpoint out of the database, a piece at a time (`most`). */
const TRIMS = [
  `DELETE FROM change_log WHERE channel = :channel AND rev <= (SELECT max(rev) FROM
     (SELECT rev FROM change_log WHERE channel = :channel AND rev <= :checkpoint ORDER BY rev LIMIT :most))`,
  `DELETE FROM copied_rows WHERE channel = :channel AND rev <= (SELECT max(rev) FROM
     (SELECT rev FROM copied_rows WHERE channel = :channel AND rev <= :checkpoint ORDER BY rev LIMIT :most / 100 + 1))`,
  `DELETE FROM checkpoint WHERE channel = :channel AND rev < :checkpoint`,
  // Those of checkpoints that are over, or that were never finished.
  `DELETE FROM checkpoint_rows WHERE rowid IN (SELECT rowid FROM checkpoint_rows WHERE channel = :channel
     AND (rev < :checkpoint OR rev NOT IN (SELECT rev FROM checkpoint WHERE channel = :channel)) LIMIT :most / 100 + 1)`,
  `DELETE FROM snapshot_hold WHERE channel = :channel AND (rev < :checkpoint OR until < :now)`,
  `DELETE FROM cursor WHERE channel = :channel AND (rev < :checkpoint OR seen < :unseen)`,
];

defineCommand('log.note', ({ db }, { holds, cursors }) => {
  for (const { channel, rev, until } of holds) statement(db, HOLD).run(channel, rev, until);
  for (const { channel, user, client_id, rev, seen } of cursors) {
    statement(db, CURSOR).run(user, client_id, rev, seen, channel);
  }
});

defineCommand('checkpoint.part', ({ db }, { channel, rev, part, rows }) => {
  const text = `INSERT INTO checkpoint_rows(channel, rev, part, rows) VALUES(?, ?, ?, ?)`;
  statement(db, text).run(channel, rev, part, rows);
});

defineCommand('checkpoint.finish', ({ db, now }, { channel, rev }) => {
  statement(db, `INSERT INTO checkpoint(channel, rev, made) VALUES(?, ?, ?)`).run(channel, rev, now());
});

defineCommand('checkpoint.use', ({ db, deps }, { channel, keep }) => {
  const state = stateOf(db, channel);
  const limit = cutLimit(db, state, keep, deps.clock.now());
  const rev =
    state.deleted === 1
      ? endOf(state, limit)
      : statement<number[], { rev: number | null }>(db, NEWEST).get(channel, limit)?.rev;
  if (!rev || rev <= state.checkpoint) return state.checkpoint;
  statement(db, USE).run(rev, channel);
  return rev;
});

defineCommand('log.trim', ({ db, deps }, { channel, most }) => {
  const { checkpoint } = stateOf(db, channel);
  const now = deps.clock.now();
  const times = { now: new Date(now).toISOString(), unseen: new Date(now - CURSOR_MS).toISOString() };
  let deleted = 0;
  for (const text of TRIMS) deleted += statement(db, text).run({ channel, checkpoint, most, ...times }).changes;
  return deleted > 0;
});

defineCommand('channel.clear', ({ db }, { channel, most }) => {
  if (stateOf(db, channel).deleted === 0) throw new Error(`channel ${channel} is not deleted`);
  return clearRemains(db, channel, most) > 0;
});

/** The log of a deleted channel goes as a whole: no row is left that it could go on from. */
function endOf({ head, checkpoint }: LogState, limit: number): number {
  return limit === head ? head : checkpoint;
}

function stateOf(db: Database, channel: number): LogState {
  const state = statement<[number], LogState>(db, STATE).get(channel);
  if (!state) throw new Error(`there is no channel ${channel}`);
  return state;
}
