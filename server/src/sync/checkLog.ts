import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { Id, LogEntry } from '@cambium/protocol';
import { statement } from '../database/statement.ts';
import { OutcomeCheck } from './checkOutcomes.ts';
import { readCheckpoint } from './compact/checkpoint.ts';
import { checkRows } from './checkRows.ts';
import { Findings } from './findings.ts';
import { History } from './history.ts';
import { withRows } from './travel.ts';

/** Entries read before others have their turn. */
const PAGE = 500;

interface ChannelRecord {
  pk: number;
  id: Id;
  head: number;
  checkpoint: number;
  deleted: number;
}

interface EntryRecord {
  rev: number;
  prev: number;
  entry: string;
}

const CHANNELS = `SELECT pk, id, head, checkpoint, deleted FROM channel ORDER BY pk`;
const ENTRIES = `SELECT rev, prev, entry FROM change_log WHERE channel = ? AND rev > ? ORDER BY rev LIMIT ${PAGE}`;
const HOMELESS = `SELECT DISTINCT channel FROM change_log WHERE channel NOT IN (SELECT pk FROM channel)`;
const LONE_ROWS = `SELECT c.id, r.rev FROM copied_rows r JOIN channel c ON c.pk = r.channel
  LEFT JOIN change_log l ON l.channel = r.channel AND l.rev = r.rev WHERE l.rev IS NULL AND r.rev > c.checkpoint`;

/**
 * Holds the log against itself, the outcomes and the rows; a sentence for everything that does not hold:
 *
 * 1. The revs of a channel have no gap from its checkpoint to its head, and every entry can be read.
 * 2. `prev` of an entry is the rev that touched the same row before.
 * 3. What a client sent is in the log once, where its outcome says, under its user.
 * 4. The log, replayed in memory, gives the stored rows: every field, the order of siblings, the rev of each row.
 *
 * A log that was cut goes on from the rows of its checkpoint. `db` should see one state all the while (`openSnapshot`).
 * Others have their turn between two pages.
 */
export async function checkLog(db: Database): Promise<string[]> {
  const outcomes = new OutcomeCheck(db);
  const found: string[] = [];
  const general = new Findings('log');
  for (const { channel } of statement<[], { channel: number }>(db, HOMELESS).all()) {
    general.add(`entries belong to a channel ${channel} that does not exist`);
  }
  for (const { id, rev } of statement<[], { id: Id; rev: number }>(db, LONE_ROWS).all()) {
    general.add(`copied rows of ${id} rev ${rev} belong to no entry`);
  }
  for (const channel of statement<[], ChannelRecord>(db, CHANNELS).all()) {
    found.push(...(await checkChannel(db, channel, outcomes)));
  }
  return [...general.list(), ...found, ...(await outcomes.rest())];
}

async function checkChannel(db: Database, channel: ChannelRecord, outcomes: OutcomeCheck): Promise<string[]> {
  const findings = new Findings(`channel ${channel.id}`);
  let history = await start(db, channel, findings);
  const entries = statement<[number, number], EntryRecord>(db, ENTRIES);
  let last = channel.checkpoint;
  for (;;) {
    const page = entries.all(channel.pk, last);
    for (const record of page) {
      if (record.rev !== last + 1) {
        findings.add(`rev ${last + 1} is missing in the log`);
        history = null;
      }
      last = record.rev;
      const entry = read(db, channel, record, findings);
      if (entry === null) history = null;
      else {
        outcomes.take(entry, findings);
        if (!replay(history, entry, record.prev, findings)) history = null;
      }
    }
    if (page.length < PAGE) break;
    await setImmediate();
  }
  if (last !== channel.head) findings.add(`the log ends at rev ${last}, the head is ${channel.head}`);
  // Where the log itself is broken, that rows differ from it says nothing new.
  else if (history) await checkRows(db, channel, history, findings);
  return findings.list();
}

/** What the log goes on from, or null when that cannot be read. */
async function start(db: Database, { pk, checkpoint, deleted }: ChannelRecord, findings: Findings) {
  const history = new History();
  // Of a deleted channel no row is left.
  if (checkpoint === 0 || deleted === 1) return history;
  try {
    for (const part of readCheckpoint(db, pk, checkpoint)) {
      for (const row of part) history.load(row);
      await setImmediate();
    }
    return history;
  } catch (error) {
    findings.add(`the checkpoint at rev ${checkpoint} cannot be read: ${messageOf(error)}`);
    return null;
  }
}

/** The entry, or null when its text is none of this place. */
function read(db: Database, { pk, id }: ChannelRecord, { rev, entry }: EntryRecord, findings: Findings) {
  try {
    const full = withRows(db, pk, rev, entry);
    if (full.server_rev === rev && full.channel_id === id) return full;
    findings.add(`the entry at rev ${rev} says rev ${full.server_rev} of channel ${full.channel_id}`);
  } catch (error) {
    findings.add(`the entry at rev ${rev} cannot be read: ${messageOf(error)}`);
  }
  return null;
}

/** False when the history can't go on after this entry. */
function replay(history: History | null, entry: LogEntry, prev: number, findings: Findings): boolean {
  const { server_rev: rev } = entry;
  if (!Number.isSafeInteger(prev) || prev < 0 || prev >= rev)
    findings.add(`rev ${rev} names ${prev} as the rev before it`);
  if (!history) return true;
  const expected = history.revOf(entry.table, entry.key);
  if (prev !== expected) findings.add(`rev ${rev} names ${prev} as the last rev of its row, which is ${expected}`);
  try {
    history.take(entry);
    return true;
  } catch (error) {
    findings.add(`rev ${rev} cannot be replayed: ${messageOf(error)}`);
    return false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
