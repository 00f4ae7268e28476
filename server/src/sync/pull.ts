import type { Database } from 'better-sqlite3';
import { LIMITS, type Id } from '@cambium/protocol';
import { statement } from '../database/statement.ts';
import type { User } from '../writer/writer.ts';

/** What follows a client's cursors. */
export interface Pulled {
  /** Log entries as JSON text, each channel's in order. */
  changes: string[];
  /** The cursor to go on with, of every channel that may be read. */
  channel_revs: Record<Id, number>;
  /** There is more: ask again with these cursors. */
  more: boolean;
  /** Channels that the user may not view, or that are gone. */
  unavailable?: Id[];
  /** Channels whose cursor the log can't continue from. */
  snapshot_required?: Id[];
}

export interface PullBudget {
  entries: number;
  bytes: number;
}

/** What one channel gets before the next has its turn. */
const TURN: PullBudget = { entries: 100, bytes: 65_536 };

interface ChannelState {
  pk: number;
  head: number;
  checkpoint: number;
  deleted: number;
  role: string | null;
}

interface Cursor {
  id: Id;
  pk: number;
  at: number;
  head: number;
  /** The writer cut the log, since its state was read, beyond where this cursor is. */
  isCut: boolean;
}

const STATE = `SELECT c.pk, c.head, c.checkpoint, c.deleted, m.role FROM channel c
  LEFT JOIN member m ON m.channel = c.pk AND m.user = ? WHERE c.id = ?`;
const ENTRIES = `SELECT rev, entry FROM change_log WHERE channel = ? AND rev > ? ORDER BY rev LIMIT ?`;

/** Reads the log after each cursor, within the budget; the text of an entry is delivered as it is stored. */
export function pull(
  db: Database,
  user: User,
  cursors: Readonly<Record<Id, number>>,
  budget: PullBudget = { entries: LIMITS.entries, bytes: LIMITS.answer },
): Pulled {
  const unavailable: Id[] = [];
  const snapshot_required: Id[] = [];
  let readable: Cursor[] = [];
  for (const [id, at] of Object.entries(cursors)) {
    const state = statement<[number, Id], ChannelState>(db, STATE).get(user.pk, id);
    if (!state || !mayRead(state, user, at)) unavailable.push(id);
    else if (at > state.head || at < state.checkpoint) snapshot_required.push(id);
    else readable.push({ id, pk: state.pk, at, head: state.head, isCut: false });
  }
  const changes = takeTurns(db, readable, budget);
  // A cursor that moved before the log was cut behind it goes on from where it is, and is told with the next request.
  for (const { id, isCut, at } of readable) if (isCut && at === cursors[id]) snapshot_required.push(id);
  readable = readable.filter(({ id }) => !snapshot_required.includes(id));
  return {
    changes,
    channel_revs: Object.fromEntries(readable.map(({ id, at }) => [id, at])),
    more: readable.some(({ at, head }) => at < head),
    ...(unavailable.length > 0 && { unavailable }),
    ...(snapshot_required.length > 0 && { snapshot_required }),
  };
}

/** A deleted channel can be read up to its last entry, by those who were members when it ended. */
function mayRead(state: ChannelState, user: User, cursor: number): boolean {
  if (state.role === null && !user.admin) return false;
  return state.deleted === 0 || (cursor < state.head && cursor >= state.checkpoint);
}

/** Moves the cursors on, a turn a channel, until the log is read or the budget is spent. */
function takeTurns(db: Database, cursors: Cursor[], budget: PullBudget): string[] {
  const changes: string[] = [];
  const left = { ...budget };
  let behind = rotated(cursors).filter(({ at, head }) => at < head);
  while (behind.length > 0) {
    for (const cursor of behind) if (!takeTurn(db, cursor, left, changes)) return changes;
    behind = behind.filter(({ at, head, isCut }) => at < head && !isCut);
  }
  return changes;
}

/** Another channel begins with each page, so that large entries of one never keep the others waiting. */
function rotated(cursors: Cursor[]): Cursor[] {
  const sum = cursors.reduce((total, { at }) => total + at, 0);
  const start = cursors.length > 0 ? sum % cursors.length : 0;
  return [...cursors.slice(start), ...cursors.slice(0, start)];
}

/** False when the budget is spent. A first entry comes whatever its size. */
function takeTurn(db: Database, cursor: Cursor, left: PullBudget, changes: string[]): boolean {
  let bytes = 0;
  const rows = statement<unknown[], { rev: number; entry: string }>(db, ENTRIES);
  const start = cursor.at;
  for (const { rev, entry } of rows.iterate(cursor.pk, cursor.at, TURN.entries)) {
    if (rev > cursor.head || rev !== cursor.at + 1) break;
    const size = Buffer.byteLength(entry) + 1;
    if (changes.length > 0 && (left.entries === 0 || size > left.bytes)) return false;
    changes.push(entry);
    cursor.at = rev;
    left.entries -= 1;
    left.bytes -= size;
    bytes += size;
    if (bytes >= TURN.bytes) break;
  }
  if (cursor.at === start && start < cursor.head) cursor.isCut = true;
  return left.entries > 0 && left.bytes > 0;
}
