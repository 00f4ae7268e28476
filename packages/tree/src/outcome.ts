import type { Conflict, EntryDraft, Id, ProtocolError } from '@cambium/protocol';

/** Who makes a change, and when: all that the reducer knows of the world besides the tree. */
export interface Context {
  /** ISO 8601, UTC, milliseconds: the entry's `at`, or the client's clock while it is a prediction. */
  at: string;
  user: Id;
  /**
   * Whose word this is. `system` may set what is the server's own (`uploaded`, `url`, …); `prediction` is a client
   * that runs ahead of the server.
   */
  authority: 'user' | 'system' | 'prediction';
}

export interface Applied {
  ok: true;
  /** The change as applied, then entries of other rows that it changed on the way (`complete` of a node). */
  entries: [EntryDraft, ...EntryDraft[]];
  conflicts?: Omit<Conflict, 'theirs_rev'>[];
  adjusted?: 'position'[];
  ignored?: string[];
}

/** What became of a change. Only an applied one has entries; a refused one leaves no trace. */
export type Outcome = Applied | { ok: false; errors: ProtocolError[] };
