import type { Change } from './change.ts';
import type { LogEntry } from './entry.ts';
import type { ProtocolError } from './error.ts';
import type { Id } from './id.ts';
import type { Json } from './json.ts';

export const PROTOCOL = 1;

/** The body of POST /api/sync. Everything but `client_id` is optional. */
export interface SyncRequest {
  client_id: Id;
  protocol?: number;
  changes?: Change[];
  /** The last rev seen of each channel that the client follows. */
  channel_revs?: Record<Id, number>;
  /** Below every rev that the client still holds: outcomes up to here may be forgotten. */
  acked_rev?: number;
  /** The rev sent before the first of this batch, 0 for none. */
  after_rev?: number;
  server_id?: Id;
}

/** An UPDATED that changed what its author had not seen: it applied, and this is what it wrote over. */
export interface Conflict {
  path: string;
  base: Json;
  theirs: Json;
  yours: Json;
  /** The rev that wrote theirs; null when the log no longer says. */
  theirs_rev: number | null;
}

export interface AppliedResult {
  rev: number;
  status: 'applied';
  server_rev: number;
  conflicts?: Conflict[];
  adjusted?: 'position'[];
  /** Paths that are no fields and were left out. */
  ignored?: string[];
}

export interface RefusedResult {
  rev: number;
  status: 'rejected' | 'disallowed' | 'failed';
  errors: ProtocolError[];
}

export interface AcknowledgedResult {
  rev: number;
  status: 'acknowledged';
}

export type ChangeResult = AppliedResult | RefusedResult | AcknowledgedResult;

/** The answer of POST /api/sync. */
export interface SyncResponse {
  results: ChangeResult[];
  changes: LogEntry[];
  channel_revs: Record<Id, number>;
  more: boolean;
  server_id: Id;
  last_rev: number;
  unavailable?: Id[];
  snapshot_required?: Id[];
}

export type Role = 'viewer' | 'editor' | 'owner';
