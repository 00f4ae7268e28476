import type { Change, ChangeResult, Id, LogEntry } from '@cambium/protocol';

/** The author of a request as authentication found it. */
export interface User {
  pk: number;
  id: Id;
  username: string;
  admin: boolean;
}

/** A change of REST or of the server itself: it has no client and no rev. */
export type Write = Omit<Change, 'rev'> & Record<string, unknown>;

export interface CommitRequest {
  user: User;
  /** All apply or none does. */
  writes: Write[];
  /** `system` may set what is the server's own; `user` is checked like any change. */
  authority: 'user' | 'system';
  /** Same key, user and digest: the same answer for 24 h. */
  idempotency?: { key: string; digest: Uint8Array };
}

export type CommitResult =
  { ok: true; results: ChangeResult[]; entries: LogEntry[] } | { ok: false; results: ChangeResult[] };

/** What moved: the heads of channels after a commit, and roles that were gained, changed or lost (null). */
export interface Committed {
  heads: { channel: Id; server_rev: number }[];
  roles: { channel: Id; user: Id; role: string | null }[];
}

/**
 * The one thread that writes. Everything that changes the database goes through it, in the order it came; requests
 * that arrive while a commit runs share the next one. An answer means: durable.
 *
 * Beyond its bounded queue it refuses with `busy`.
 */
export interface Writer {
  /** The raw body of POST /api/sync, decompressed; the writer parses it. Returns the JSON of `results` and what the pull needs. */
  sync(user: User, body: Uint8Array): Promise<SyncAnswer>;
  commit(request: CommitRequest): Promise<CommitResult>;
  /** A named transaction of another part of the server (users, members, files …). Refusals come back as thrown `Refusal`. */
  command<Name extends keyof Commands>(name: Name, input: Commands[Name]['input']): Promise<Commands[Name]['output']>;
  onCommitted(listener: (committed: Committed) => void): () => void;
  close(): Promise<void>;
}

export interface SyncAnswer {
  client_id: Id;
  /** The results array as JSON text. */
  results: string;
  channel_revs: Record<Id, number>;
  last_rev: number;
}

/**
 * Named transactions, by name: `input` and `output` survive structured cloning. Each part of the server declares its
 * own by merging into this interface and registers them where the writer starts.
 */
// oxlint-disable-next-line typescript/no-empty-interface -- parts of the server merge their commands into it
export interface Commands {}
