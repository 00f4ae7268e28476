import Sqlite, { type Database } from 'better-sqlite3';
import { Kysely, Migrator, SqliteAdapter, SqliteDialect } from 'kysely';
import { migrations } from './migrations.ts';
import { openRaw, type OpenOptions } from './raw.ts';
import type { Schema } from './schema.ts';
import { statement } from './statement.ts';

/** One connection: `raw` for prepared statements on hot paths, `db` for everything that reads better with types. */
export interface Connection {
  raw: Database;
  db: Kysely<Schema>;
  close(): void;
}

/** Opens a database file, or `:memory:`. It makes no tables: see `migrate`. */
export function openDatabase(path: string, options: OpenOptions = {}): Connection {
  return connect(openRaw(path, options));
}

/**
 * A connection of its own that sees one state for as long as its read transaction lasts. A database in memory has no
 * second connection: its present content is copied.
 */
export function openSnapshot(of: Database): Connection {
  // It is mostly read from one end to the other: what was read is not asked for again.
  const connection = of.memory
    ? connect(new Sqlite(of.serialize()))
    : openDatabase(of.name, { readonly: true, cache: 4 });
  connection.raw.exec('BEGIN');
  return connection;
}

function connect(raw: Database): Connection {
  // Kysely prepares at every call; preparing again costs more than most of our statements.
  const dialect = new Dialect({
    database: { prepare: (text: string) => statement(raw, text), close: () => undefined },
  });
  return { raw, db: new Kysely<Schema>({ dialect }), close: () => raw.close() };
}

class Dialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new Adapter();
  }
}

/** SQLite takes back what a transaction did to the schema, though Kysely does not count on it. */
class Adapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/**
 * Brings the schema up to date, in one transaction: whether a migration fails or the process is killed in its midst,
 * nothing was changed, and the next start begins again. Throws in the first case.
 */
export async function migrate(db: Kysely<Schema>): Promise<void> {
  const { error } = await new Migrator({ db, provider: migrations }).migrateToLatest();
  if (error !== undefined) throw error;
}

/** Has every migration of this version run, and none of a later one? */
export async function isCurrent(db: Kysely<Schema>): Promise<boolean> {
  const run = await new Migrator({ db, provider: migrations }).getMigrations();
  return run.length > 0 && run.every(({ executedAt }) => executedAt !== undefined);
}
