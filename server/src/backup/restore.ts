import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { newId } from '@cambium/protocol';
import { extract, type Entry } from 'tar-stream';
import { lockFolder } from '../database/lock.ts';
import { openDatabase } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { ServerDeps } from '../deps.ts';
import { DELETING } from '../files/commands/blob.ts';
import { openDisk, syncFolder, type Disk } from '../files/disk.ts';
import { keep } from '../kept.ts';
import { makeFolder } from '../make-folder.ts';
import { SettingsError, type Settings } from '../settings.ts';
import {
  ArchiveError,
  DATABASE,
  KEPT,
  KEPT_FOLDER,
  MANIFEST,
  STORAGE_FOLDER,
  manifestSchema,
  type BackupReport,
  type Manifest,
} from './archive.ts';

/** A manifest or a kept file is never larger. */
const SMALL = 65_536;

interface Unpacked {
  manifest: Manifest;
  blobs: Map<string, number>;
}

/**
 * Unpacks a backup into an empty data folder, every byte verified; the database gets a new `server_id`, so that clients
 * which knew more than the backup send it again. When anything is wrong the folder is left as empty as it was. Throws
 * `ArchiveError` for a file that is no whole backup, `SettingsError` for a folder that is not empty.
 */
export async function restoreFolder(
  settings: Settings,
  file: string,
  deps: Pick<ServerDeps, 'clock' | 'random'>,
): Promise<BackupReport> {
  const { dataDir, databaseFile, storageDir } = settings;
  if (!existsSync(file)) throw new SettingsError(`there is no ${file}`);
  for (const folder of [dataDir, storageDir]) await requireEmpty(folder);
  if (existsSync(databaseFile)) throw new SettingsError(`${databaseFile} exists already`);
  const made: string[] = [];
  for (const folder of [dataDir, dirname(databaseFile), storageDir]) {
    const first = makeFolder(folder);
    if (first !== null) made.push(first);
  }
  try {
    return await fill(settings, file, deps);
  } catch (error) {
    for (const folder of [dataDir, storageDir]) if (existsSync(folder)) await clear(folder);
    for (const folder of made) await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function fill(
  settings: Settings,
  file: string,
  deps: Pick<ServerDeps, 'clock' | 'random'>,
): Promise<BackupReport> {
  const { dataDir, databaseFile } = settings;
  // A server that is started meanwhile must not take half a folder for a new one.
  const lock = lockFolder(dataDir);
  const part = `${databaseFile}.restoring`;
  try {
    const unpacked = await unpack(file, part, settings);
    settle(part, unpacked, deps);
    await syncFile(part);
    await rename(part, databaseFile);
    await syncFolder(dirname(databaseFile));
    return { blobs: unpacked.blobs.size, bytes: unpacked.manifest.bytes + unpacked.manifest.database.size };
  } finally {
    lock.release();
    for (const suffix of ['', '-wal', '-shm']) await rm(part + suffix, { force: true });
  }
}

async function clear(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
}

async function requireEmpty(folder: string): Promise<void> {
  const names = existsSync(folder) ? await readdir(folder) : [];
  if (names.length > 0) throw new SettingsError(`${folder} is not empty: a backup is restored into a new folder`);
}

async function unpack(file: string, database: string, { dataDir, storageDir }: Settings): Promise<Unpacked> {
  const disk = await openDisk(storageDir);
  const blobs = new Map<string, number>();
  let manifest: Manifest | undefined;
  let hasDatabase = false;
  const entries = extract();
  const reading = pipeline(createReadStream(file), entries);
  const taking = (async () => {
    for await (const entry of entries) {
      const { name } = entry.header;
      if (!manifest) {
        if (name !== MANIFEST) throw new ArchiveError(`${file} is no backup of Cambium`);
        manifest = readManifest(await readText(entry));
      } else if (name === DATABASE) {
        await takeDatabase(entry, database, manifest);
        hasDatabase = true;
      } else if (name.startsWith(STORAGE_FOLDER)) {
        const sha256 = name.slice(STORAGE_FOLDER.length);
        blobs.set(sha256, await takeBlob(entry, disk, sha256));
      } else if (KEPT.some((one) => KEPT_FOLDER + one === name)) {
        keep(join(dataDir, name.slice(KEPT_FOLDER.length)), await readText(entry));
      } else throw new ArchiveError(`${file} holds ${name}, which no backup of this version does`);
    }
  })();
  const [taken, read] = await Promise.allSettled([taking, reading]);
  // What cut the reading short is the reason where both failed, unless the content was refused first.
  for (const { status, ...outcome } of [taken, read]) {
    if (status === 'rejected') throw asArchiveError((outcome as PromiseRejectedResult).reason, file);
  }
  if (!manifest || !hasDatabase || blobs.size !== manifest.blobs) throw new ArchiveError(`${file} is not whole`);
  return { manifest, blobs };
}

/** The parser of the archive says by plain errors what it can't read. */
function asArchiveError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof ArchiveError || 'code' in error) return error;
  return new ArchiveError(`${file} cannot be read: ${error.message}`);
}

function readManifest(text: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new ArchiveError('it is no backup of this version of Cambium', { cause: error });
  }
}

async function readText(entry: Entry): Promise<string> {
  let text = '';
  for await (const chunk of entry as AsyncIterable<Buffer>) {
    text += chunk.toString('utf8');
    if (text.length > SMALL) throw new ArchiveError(`${entry.header.name} is larger than it may be`);
  }
  return text;
}

async function takeDatabase(entry: Entry, path: string, { database }: Manifest): Promise<void> {
  const { size, sha256 } = await save(entry, path);
  if (size !== database.size || sha256 !== database.sha256) throw new ArchiveError('its database is damaged');
}

async function takeBlob(entry: Entry, disk: Disk, name: string): Promise<number> {
  const path = disk.incoming('restored');
  const { size, sha256 } = await save(entry, path);
  if (sha256 !== name) throw new ArchiveError(`its bytes ${name.slice(0, 64)} are damaged`);
  await disk.place(path, sha256, size);
  await disk.remove(path);
  return size;
}

/** Writes an entry into a new file, durably. */
async function save(entry: Entry, path: string): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256');
  let size = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.byteLength;
      done(null, chunk);
    },
  });
  await pipeline(entry, measure, createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }));
  return { size, sha256: hash.digest('hex') };
}

/** Makes the unpacked database one of its own: whole, with its bytes, under a new id, without uploads half done. */
function settle(path: string, { blobs }: Unpacked, { clock, random }: Pick<ServerDeps, 'clock' | 'random'>): void {
  const { raw, close } = openDatabase(path);
  try {
    if (raw.pragma('quick_check', { simple: true }) !== 'ok') throw new ArchiveError('its database is damaged');
    const expected = statement<[], { sha256: string; size: number; condemned: string | null }>(
      raw,
      `SELECT sha256, size, condemned FROM blob`,
    ).all();
    for (const { sha256, size, condemned } of expected) {
      if (condemned !== DELETING && blobs.get(sha256) !== size)
        throw new ArchiveError(`its bytes ${sha256} are missing`);
    }
    raw.transaction(() => {
      statement(raw, `UPDATE meta SET value = ? WHERE key = 'server_id'`).run(newId(clock.now(), random));
      statement(raw, `DELETE FROM upload WHERE state NOT IN ('stored', 'reserved')`).run();
    })();
    raw.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    close();
  }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
