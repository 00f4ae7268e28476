import { dirname } from 'node:path';
import { ensureServerId } from './database/identity.ts';
import { FolderInUse, lockFolder } from './database/lock.ts';
import { migrate, openDatabase, type Connection } from './database/open.ts';
import type { ServerDeps } from './deps.ts';
import { ensureAdmin, type Administrator } from './admin-user.ts';
import { makeFolder } from './make-folder.ts';
import { keepToken } from './open-token.ts';
import { flagOf, OPTIONS, SettingsError, type Settings } from './settings.ts';
import { loadTables } from './tables/load.ts';
import { threadWriter } from './writer/handle.ts';
import { inlineWriter } from './writer/inline.ts';
import type { Writer } from './writer/writer.ts';

/** A data folder that this process owns: its database, ready to be read and written. */
export interface Store {
  writer: Writer;
  /** Reads only. */
  reader: Connection;
  admin: Administrator;
  /** Waits for what was accepted to be written. */
  close(): Promise<void>;
}

export interface StoreOptions {
  /** `inline`: in this thread, for tests and for commands that run without a server. */
  writer: 'thread' | 'inline';
  synchronous?: 'FULL' | 'NORMAL';
  /** URL of a module whose default export lists the tables of the application. */
  tables?: string;
}

/** Opens a data folder, made when missing. Throws a `SettingsError` when another process owns it. */
export async function openStore(settings: Settings, deps: ServerDeps, options: StoreOptions): Promise<Store> {
  const { dataDir, databaseFile, storageDir } = settings;
  prepareFolder(dataDir, 'dataDir');
  prepareFolder(dirname(databaseFile), 'databaseUrl');
  prepareFolder(storageDir, 'storageUrl');
  const lock = ownFolder(dataDir);
  const opened: { close(): unknown }[] = [];
  const closeAll = async () => {
    for (const one of opened.reverse()) await one.close();
    lock.release();
  };
  try {
    const { synchronous = 'FULL', writer: kind, tables } = options;
    if (tables !== undefined) await loadTables(tables);
    const first = openDatabase(databaseFile, { synchronous });
    opened.push(first);
    await migrate(first.db);
    ensureServerId(first.raw, deps);
    const admin = ensureAdmin(first.raw, deps, settings.adminToken, (token) => keepToken(dataDir, token));
    const reader = openDatabase(databaseFile, { readonly: true });
    opened.push(reader);
    const writer =
      kind === 'inline'
        ? inlineWriter(first.raw, deps)
        : await threadWriter({
            database: databaseFile,
            synchronous,
            log: deps.log,
            ...(tables === undefined ? {} : { tables }),
          });
    opened.push(writer);
    return { writer, reader, admin, close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function prepareFolder(folder: string, setting: 'dataDir' | 'databaseUrl' | 'storageUrl'): void {
  try {
    makeFolder(folder);
  } catch (error) {
    throw unusable(folder, setting, error);
  }
}

function ownFolder(folder: string): ReturnType<typeof lockFolder> {
  try {
    return lockFolder(folder);
  } catch (error) {
    if (error instanceof FolderInUse) throw new SettingsError(error.message);
    // Where the system says that it may be written, and it cannot be all the same.
    if ((error as { code?: string }).code?.startsWith('SQLITE_CANTOPEN')) throw unusable(folder, 'dataDir', error);
    throw error;
  }
}

function unusable(folder: string, setting: 'dataDir' | 'databaseUrl' | 'storageUrl', error: unknown): SettingsError {
  // The system's words end with the call and the path: `EACCES: permission denied, mkdir '/x'`.
  const reason = (error as Error).message.split(', ')[0];
  const option = OPTIONS[setting];
  return new SettingsError(
    `the folder ${folder} cannot be used (${reason}): name one that can be written, by ${option.variable} or ${flagOf(option)}`,
  );
}
