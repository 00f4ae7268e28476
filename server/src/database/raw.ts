import Sqlite, { type Database } from 'better-sqlite3';

export interface OpenOptions {
  /** `FULL`: an answered change survives power loss. `NORMAL`: it survives a killed process only. */
  synchronous?: 'FULL' | 'NORMAL';
  readonly?: boolean;
  /** Pages that the connection keeps, MiB; 16 by default. The operating system keeps the rest of the file. */
  cache?: number;
}

/** Opens a database file, or `:memory:`, for prepared statements alone: a thread that needs no more loads no more. */
export function openRaw(path: string, options: OpenOptions = {}): Database {
  const raw = new Sqlite(path, { readonly: options.readonly ?? false });
  raw.pragma('busy_timeout = 5000');
  raw.pragma('foreign_keys = ON');
  raw.pragma(`cache_size = -${(options.cache ?? 16) * 1024}`);
  raw.pragma('temp_store = MEMORY');
  if (!options.readonly) {
    raw.pragma('journal_mode = WAL');
    raw.pragma(`synchronous = ${options.synchronous ?? 'FULL'}`);
    // Checkpoints, not the cache, are what scattered writes wait for: the writer has a thread for them, and makes one
    // itself only where the log would grow beyond 80 MB.
    raw.pragma('wal_autocheckpoint = 20000');
  }
  return raw;
}
