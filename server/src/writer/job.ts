import type { ProtocolError } from '@cambium/protocol';
import type { Examined } from '../sync/examine.ts';
import type { CommitRequest, Committed, User } from './writer.ts';

/** One request to the writer; survives structured cloning. */
export type Job =
  | { kind: 'sync'; user: User; body: Uint8Array; examined?: Examined | null }
  | { kind: 'commit'; request: CommitRequest }
  | { kind: 'command'; name: string; input: unknown };

export type Answer = { ok: true; value: unknown } | { ok: false; error: ProtocolError };

/** What one commit did: an answer for each job, in order, and what listeners are told. */
export interface CommitReport {
  answers: Answer[];
  committed: Committed;
}
