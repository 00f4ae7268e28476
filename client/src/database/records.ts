import type { Conflict, Id, JsonObject, ProtocolError, Table } from '@cambium/protocol';
import type { StoredRow } from './rows.ts';

/** A change as it is sent, before the reducer's side reads it. Frozen once it was sent: its digest is its identity. */
export type RawChange = JsonObject & { rev: number; type: string; table: string; channel_id: Id };

/**
 * `queued`: never sent, may still be squashed. `sent`: the server may have it. `applied`: the server has it; it leaves
 * when the cursor of its channel reaches `server_rev`.
 */
export type PendingState = 'queued' | 'sent' | 'applied';

export interface PendingRecord {
  rev: number;
  /** `table:key`, by which the pending changes of a row are found. */
  row: string;
  channel_id: Id;
  group?: string;
  change: RawChange;
  state: PendingState;
  server_rev?: number;
  /** Where the prediction put the row; the server's answer is compared with it. */
  predicted?: { parent?: Id; after?: Id | null };
  /** Why the prediction does nothing at the moment. The server may still apply the change. */
  noop?: ProtocolError[];
  conflicts?: Conflict[];
  /** Milliseconds since 1970. */
  created_at: number;
  /** The user decided to leave it out of what is sent for now: the server fails on it. */
  aside?: boolean;
}

/** What a row was before a pending change touched it. */
export interface Image {
  table: Table;
  key: string;
  /** Null: there was no row. `full`: this whole row was there. Otherwise the old values of the fields that changed. */
  before: StoredRow | null;
  full: boolean;
}

/**
 * The images that one pending change made. Undoing every record from the newest to the oldest gives the base: the
 * server's state as far as the cursor. Dropping the oldest records moves the base forward instead.
 */
export interface UndoRecord {
  rev: number;
  /** One change may touch very many rows: its images are cut into parts. */
  part: number;
  images: Image[];
  /** `table:key` of the rows with images of more than bookkeeping fields. */
  rows: string[];
}

/** A change that the server refused, kept until its author decides. */
export interface RescueRecord {
  rev: number;
  client_id: Id;
  channel_id: Id;
  group?: string;
  change: RawChange;
  status: 'rejected' | 'disallowed';
  errors: ProtocolError[];
  /** Milliseconds since 1970. */
  at: number;
}

/** An own change that the server applied, kept for some days in case the server comes back from a backup. */
export interface AppliedRecord {
  client_id: Id;
  rev: number;
  channel_id: Id;
  server_rev: number | null;
  change: RawChange;
  conflicts?: Conflict[];
  /** Milliseconds since 1970. */
  at: number;
}

/** An own update that the server applied although others had changed the same fields since: to be looked at once. */
export interface ConflictRecord {
  client_id: Id;
  rev: number;
  channel_id: Id;
  table: string;
  key: Id;
  conflicts: Conflict[];
  /** Milliseconds since 1970. */
  at: number;
}

/** What is held of a channel, and how far. */
export interface CursorRecord {
  channel_id: Id;
  /** The last server_rev that base contains. */
  rev: number;
  /** 'needed': base has to be taken anew; 'loading': the first snapshot is being written, predictions wait. */
  snapshot: 'needed' | 'loading' | null;
  /** Rows written so far and rows expected (null: not told), while the first snapshot loads. */
  progress: { done: number; total: number | null } | null;
  /** The server does not show it (any more): nothing is sent, everything is kept. */
  unavailable: boolean;
}

/** Single values of this database. */
export interface MetaValues {
  client_id: Id;
  next_rev: number;
  /** The highest rev that the server has judged under this client_id. */
  answered: number;
  server_id: Id;
  last_ack_at: number;
  /** The rev of the change on which the server fails. */
  blocked_by: number;
  /** Revs that were set aside; those that have left the queue since count no more. */
  aside: number[];
  /** Changes that one request may carry at the moment. */
  batch_limit: number;
  /** Set while a server that came back from a backup has to be told what it lost. */
  recovering: boolean;
  /** The tab that talks to the server, and when it last said so (milliseconds since 1970). */
  heartbeat: { holder: Id; at: number };
}

export interface MetaRecord {
  name: keyof MetaValues;
  value: MetaValues[keyof MetaValues];
}
