import type { Database } from 'better-sqlite3';
import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import type { ServerDeps } from '../deps.ts';
import type { User, Writer } from '../writer/writer.ts';
import type { Auth } from './auth.ts';
import type { PublicBase } from './base.ts';

/** What the routes work with. The connection reads only; whatever writes goes through the writer. */
export interface HttpDeps extends ServerDeps {
  auth: Auth;
  writer: Writer;
  db: Kysely<Schema>;
  /** The same connection, for statements that are prepared once. */
  raw: Database;
  publicBase: PublicBase;
  /** Bytes that count against the user's limit. */
  storageUsed(user: User): number;
}
