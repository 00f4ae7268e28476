import type { Kysely } from 'kysely';
import type { Request } from 'express';
import type { Schema } from '../database/schema.ts';
import type { ServerDeps } from '../deps.ts';
import type { Intake, Media } from '../files/index.ts';
import type { Commands, User } from '../writer/writer.ts';
// Declares the commands of the dialects.
import type {} from './commands.ts';

/** Everything that a dialect has from the rest of the server: it imports none of it. */
export interface DialectDeps extends ServerDeps {
  /** Who holds the token, or null. */
  holder: (token: string) => Promise<User | null>;
  command: <Name extends keyof Commands>(
    name: Name,
    input: Commands[Name]['input'],
  ) => Promise<Commands[Name]['output']>;
  readDb: Kysely<Schema>;
  /** Scheme and host by which the sender reaches the server, without a slash at the end. */
  publicBase: (req: Request) => string;
  intake: Intake;
  media: Media;
  /** Bytes that the user has stored or reserved. */
  storageUsed: (user: Pick<User, 'pk'>) => number;
  /** Signs upload URLs. */
  secret: string;
  /** Bytes of the largest file. */
  maxFileSize: number;
  /** What ClassQuiz's storage takes, compared as it is sent. */
  classquizTypes: readonly string[];
}
