import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { Id } from '@cambium/protocol';
import { openSnapshot, type Connection } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { Clock } from '../deps.ts';
import { packCheckpoint, readCheckpoint, type CheckpointRow } from '../sync/compact/checkpoint.ts';
import { cutLimit, type LogState } from '../sync/compact/limit.ts';
import { History } from '../sync/history.ts';
import { storedRows } from '../sync/storedRows.ts';
import { withRows } from '../sync/travel.ts';
import type { Writer } from '../writer/writer.ts';
// Declares the commands that a writer takes.
import '../writer/commands.ts';

export interface CompactWorld {
  reader: Connection;
  writer: Writer;
  clock: Clock;
  /** Aborted, it ends the work at the next step; what is half done is done again another time. */
  signal: AbortSignal;
}

export interface CompactOptions {
  /** Seconds that an entry stays in the log at least. */
  keep: number;
  /** A checkpoint is only made where at least so many entries can go, and a tenth of the channel's nodes. */
  least: number;
  /** `REPLAYED` when not given. */
  replayed?: number;
}

/**
 * Nodes of the largest channel whose past is replayed in memory to make a checkpoint at the very rev that may go. A
 * larger one gets it at its head, read row by row; it is used when that rev is old enough, so its log is kept longer.
 */
const REPLAYED = 50_000;

/** Entries read at a time, and deleted in one transaction: some milliseconds for everybody else. */
const PAGE = 500;

const STATE = `SELECT c.pk, c.id, c.head, c.checkpoint, c.deleted, coalesce(n.total_count + 1, 0) AS nodes
  FROM channel c LEFT JOIN node n ON n.id = c.id WHERE c.pk = ?`;
const NEWEST = `SELECT max(rev) AS rev FROM checkpoint WHERE channel = ?`;
const ENTRIES = `SELECT rev, entry FROM change_log WHERE channel = ? AND rev > ? AND rev <= ? ORDER BY rev LIMIT ${PAGE}`;

type ChannelState = LogState & { id: Id; nodes: number };

/** Cuts one channel's log as far as may be. Returns how many entries went. Not to be run twice at a time. */
export async function compactChannel(world: CompactWorld, pk: number, options: CompactOptions): Promise<number> {
  const { reader, writer, clock, signal } = world;
  const { keep, least, replayed: most = REPLAYED } = options;
  // What a run before this one left when it was killed.
  await trim(world, pk);
  while (await writer.command('search.follow', { channel: pk, most: PAGE })) signal.throwIfAborted();
  const state = stateOf(reader.raw, pk);
  const limit = cutLimit(reader.raw, state, keep, clock.now());
  if (limit - state.checkpoint < Math.max(1, least, least > 1 ? state.nodes / 10 : 0)) return 0;
  if (state.deleted === 0 && isWorthMore(reader.raw, state, limit, most)) await makeCheckpoint(world, pk, limit, most);
  const checkpoint = await writer.command('checkpoint.use', { channel: pk, keep });
  await trim(world, pk);
  return checkpoint - state.checkpoint;
}

/** Would another checkpoint let more go? A large channel's next one waits until the last is in use. */
function isWorthMore(db: Database, { pk, checkpoint, nodes }: ChannelState, limit: number, most: number): boolean {
  const newest = statement<[number], { rev: number | null }>(db, NEWEST).get(pk)?.rev ?? 0;
  return nodes > most ? newest <= checkpoint : newest < limit;
}

async function makeCheckpoint(world: CompactWorld, pk: number, limit: number, most: number): Promise<void> {
  const { reader, writer, signal } = world;
  const connection = openSnapshot(reader.raw);
  try {
    const state = stateOf(connection.raw, pk);
    if (state.deleted === 1) return;
    const isPresent = limit === state.head || state.nodes > most;
    const rev = isPresent ? state.head : limit;
    const rows = isPresent
      ? (storedRows(connection.raw, state) as Iterable<CheckpointRow>)
      : rowsOf(await replayed(connection.raw, state, limit, signal), state.id);
    let part = 0;
    for await (const packed of packCheckpoint(rows)) {
      await writer.command('checkpoint.part', { channel: pk, rev, part, rows: packed });
      part += 1;
      signal.throwIfAborted();
    }
    await writer.command('checkpoint.finish', { channel: pk, rev });
  } finally {
    connection.close();
  }
}

async function replayed(
  db: Database,
  { pk, checkpoint }: ChannelState,
  to: number,
  signal: AbortSignal,
): Promise<History> {
  const history = new History();
  if (checkpoint > 0) for (const rows of readCheckpoint(db, pk, checkpoint)) for (const row of rows) history.load(row);
  const entries = statement<number[], { rev: number; entry: string }>(db, ENTRIES);
  for (let last = checkpoint; last < to;) {
    const page = entries.all(pk, last, to);
    for (const { rev, entry } of page) history.take(withRows(db, pk, rev, entry));
    last = page.at(-1)?.rev ?? to;
    await setImmediate();
    signal.throwIfAborted();
  }
  return history;
}

function* rowsOf(history: History, channel: Id): Generator<CheckpointRow> {
  for (const stored of history.tree.rows(channel)) {
    const key =
      stored.table === 'contentnode_prerequisite'
        ? ([stored.row.target_node, stored.row.prerequisite] as [Id, Id])
        : stored.row.id;
    yield { ...stored, rev: history.revOf(stored.table, key) };
  }
}

async function trim({ writer, signal }: CompactWorld, channel: number): Promise<void> {
  while (await writer.command('log.trim', { channel, most: PAGE })) signal.throwIfAborted();
}

function stateOf(db: Database, pk: number): ChannelState {
  const state = statement<[number], ChannelState>(db, STATE).get(pk);
  if (!state) throw new Error(`there is no channel ${pk}`);
  return state;
}
