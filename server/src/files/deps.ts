import type { JsonObject } from '@cambium/protocol';
import type { Request, Response } from 'express';
import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import type { ServerDeps } from '../deps.ts';
import type { Commands, CommitRequest, CommitResult, User } from '../writer/writer.ts';

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
  command: <Name extends keyof Commands>(
    name: Name,
    input: Commands[Name]['input'],
  ) => Promise<Commands[Name]['output']>;
  readDb: Kysely<Schema>;
  /** Folder of the bytes; made when missing. Everything in it must lie on one file system. */
  storage: string;
  settings: FilesSettings;
}
