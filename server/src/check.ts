import { existsSync } from 'node:fs';
import { isCurrent, openDatabase, openSnapshot } from './database/open.ts';
import { checkBlobs } from './files/index.ts';
import { SettingsError, type Settings } from './settings.ts';
import { checkLog } from './sync/checkLog.ts';
import { checkTree } from './tree/check.ts';

/**
 * Every invariant that can be read off a data folder: of the trees, the log and the stored bytes. A sentence for each
 * that does not hold. It reads on connections of its own and writes nothing, so it may run in any process, beside a
 * server or without one. Throws a `SettingsError` for a folder that holds no database of this version.
 */
export async function checkFolder({ databaseFile, storageDir }: Settings): Promise<string[]> {
  if (!existsSync(databaseFile)) throw new SettingsError(`there is no database ${databaseFile}`);
  const connection = openDatabase(databaseFile, { readonly: true });
  try {
    if (!(await isCurrent(connection.db))) {
      throw new SettingsError(`${databaseFile} is of another version: start the server on it once`);
    }
    const state = openSnapshot(connection.raw);
    try {
      const inTree = checkTree(state.raw).map(({ rule, message, id }) => `${rule} ${id}: ${message}`);
      const inLog = await checkLog(state.raw);
      return [...inTree, ...inLog, ...(await standing(() => checkBlobs(connection.db, storageDir)))];
    } finally {
      state.close();
    }
  } finally {
    connection.close();
  }
}

/** Bytes come and go while one looks at them, a folder is no transaction: only what a second look finds too is wrong. */
async function standing(look: () => Promise<string[]>): Promise<string[]> {
  const first = await look();
  if (first.length === 0) return first;
  const second = new Set(await look());
  return first.filter((violation) => second.has(violation));
}
