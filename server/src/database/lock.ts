import { join } from 'node:path';
import Sqlite from 'better-sqlite3';

/** Another process owns the folder. */
export class FolderInUse extends Error {
  constructor(folder: string) {
    super(`${folder} is in use by another running server`);
    this.name = 'FolderInUse';
  }
}

export interface FolderLock {
  release(): void;
}

/**
 * Makes this process the one owner of a data folder, or throws `FolderInUse`. The lock is an exclusive transaction on
 * a small database: the system frees it the moment the process ends, however it ends, which no pid file can.
 */
export function lockFolder(folder: string): FolderLock {
  const db = new Sqlite(join(folder, 'lock.db'), { timeout: 0 });
  try {
    db.pragma('journal_mode = DELETE');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) throw new FolderInUse(folder);
    throw error;
  }
  return {
    release: () => {
      db.exec('ROLLBACK');
      db.close();
    },
  };
}
