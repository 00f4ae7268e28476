import type { Json, JsonObject } from '@cambium/protocol';
import type { Request, Response } from 'express';
import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import type { ServerDeps } from '../deps.ts';
import type { Commands, CommitRequest, CommitResult, User, Write } from '../writer/writer.ts';

export interface FilesSettings {
  /** Signs upload and content URLs. Another secret makes every URL given out before invalid. */
  secret: string;
  /** Seconds that an unfinished upload lives after its last stored byte. */
  uploadExpiry: number;
  /** Seconds before bytes that nothing refers to are deleted. */
  blobGrace: number;
  /** Bytes. */
  maxFileSize: number;
}

/** The one write of a request, and what became of the request before. */
export interface Once {
  /** Commits it, as the user or in the name of the system. Throws what it was refused for. */
  commit: (write: Write, authority?: CommitRequest['authority']) => Promise<void>;
  /** The same request was carried out before; only its answer was lost on the way. */
  isRepeated: boolean;
}

/** Everything that the file service has from others: it imports none of them. */
export interface FilesDeps extends ServerDeps {
  /** Who sent the request; throws the Refusal `unauthenticated`. */
  auth: (req: Request) => Promise<User>;
  /** Answers with the error: a Refusal as it says, anything else as `internal_error`. */
  fail: (error: unknown, res: Response) => void;
  /** The JSON object in the body; throws a Refusal for anything else. */
  readJson: (req: Request) => Promise<JsonObject>;
  /** Scheme and host by which the sender reaches the server, without a slash at the end. */
  publicBase: (req: Request) => string;
  commit: (request: CommitRequest) => Promise<CommitResult>;
  /** Answers a request that writes: under one `Idempotency-Key` always with the same, whatever became of the rows since. */
  answerOnce: (
    request: { req: Request; res: Response; user: User; body: Json },
    run: (once: Once) => Promise<{ status: 200; body: object }>,
  ) => Promise<void>;
  command: <Name extends keyof Commands>(
    name: Name,
    input: Commands[Name]['input'],
  ) => Promise<Commands[Name]['output']>;
  readDb: Kysely<Schema>;
  /** Folder of the bytes; made when missing. Everything in it must lie on one file system. */
  storage: string;
  settings: FilesSettings;
}
