import type { ChangeType, Position } from './change.ts';
import type { Id } from './id.ts';
import type { JsonObject } from './json.ts';
import type { Mods } from './path.ts';
import type { Key } from './row.ts';

/**
 * One change as it was applied: what a reader needs to reach the same state, and nothing that it would have to guess.
 * `parent` and `after` are where the row now stands; whatever the server added to the row is merged into `obj` or
 * `mods`. Entries that nobody sent (REST writes, a file that completes its node) have no client and no rev.
 */
export interface LogEntry {
  server_rev: number;
  client_id: Id | null;
  rev: number | null;
  user_id: Id | null;
  /** When the server applied it, ISO 8601 with milliseconds, UTC. */
  at: string;
  type: ChangeType;
  table: string;
  key: Key;
  channel_id: Id;
  group?: string;
  obj?: JsonObject;
  mods?: Mods;
  from_key?: Id;
  excluded_descendants?: Id[];
  target?: Id;
  position?: Position;
  /** The node's parent from now on: on CREATED, MOVED and COPIED of nodes. */
  parent?: Id;
  /** The sibling that it now follows, or null when it is the first. */
  after?: Id | null;
  /** Everything that a COPIED made, in document order: nodes, then what hangs on them. */
  rows?: TableRow[];
  /** Where `rows` can be fetched instead when they are many (NDJSON, one TableRow a line). */
  rows_at?: string;
}

/** One row of a snapshot or of a copy. */
export interface TableRow {
  table: string;
  row: JsonObject;
}

/**
 * An entry before the log gave it its place and time. Without a channel it is about a file that is attached to nothing:
 * no log has such an entry, only the store takes its effects.
 */
export type EntryDraft = Omit<LogEntry, 'server_rev' | 'at' | 'client_id' | 'rev' | 'user_id' | 'channel_id'> & {
  channel_id: Id | null;
};
