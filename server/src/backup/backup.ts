import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';
import { serverId } from '../database/identity.ts';
import { openDatabase, type Connection } from '../database/open.ts';
import { DELETING } from '../files/commands/blob.ts';
import { openDisk, syncFolder } from '../files/disk.ts';
import { kept } from '../kept.ts';
import { SettingsError, type Settings } from '../settings.ts';
import {
  ArchiveError,
  DATABASE,
  FORMAT,
  KEPT,
  KEPT_FOLDER,
  MANIFEST,
  STORAGE_FOLDER,
  type BackupReport,
  type Manifest,
} from './archive.ts';

/** Bytes may be swept between the copy of the database and their turn: then the backup begins anew. */
const ATTEMPTS = 5;

interface Blob {
  sha256: string;
  size: number;
}

/** Bytes that the copied database counts on went meanwhile. */
class BlobGone extends Error {}

/**
 * Writes a data folder into one file, readable by its owner alone, beside a running server or without one. The file
 * gets its name when it is whole and durable; an existing one is replaced. Throws `ArchiveError` or `SettingsError`.
 */
export async function backupFolder(settings: Settings, file: string): Promise<BackupReport> {
  if (!existsSync(settings.databaseFile)) throw new SettingsError(`there is no database ${settings.databaseFile}`);
  if (!existsSync(dirname(file))) throw new SettingsError(`there is no folder ${dirname(file)}`);
  const [copy, part] = [`${file}.database`, `${file}.part`];
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rm(copy, { force: true });
      const report = await write(settings, copy, part);
      await rename(part, file);
      await syncFolder(dirname(file));
      return report;
    } catch (error) {
      if (!(error instanceof BlobGone)) throw error;
      if (attempt === ATTEMPTS) throw new ArchiveError(`${error.message}: run check`);
    } finally {
      await rm(copy, { force: true });
      await rm(part, { force: true });
    }
  }
}

async function write(settings: Settings, copy: string, part: string): Promise<BackupReport> {
  copyDatabase(settings.databaseFile, copy);
  const database = openDatabase(copy, { readonly: true });
  try {
    const blobs = await blobsOf(database);
    const bytes = blobs.reduce((sum, { size }) => sum + size, 0);
    const { size, sha256 } = await measure(copy);
    const manifest: Manifest = {
      format: FORMAT,
      made: new Date().toISOString(),
      server_id: serverId(database.raw),
      database: { size, sha256 },
      blobs: blobs.length,
      bytes,
    };
    const archive = pack();
    // Bytes are read only as fast as they can be written.
    const written = pipeline(archive, createWriteStream(part, { mode: 0o600, flush: true }));
    const filled = fill(archive, settings, copy, manifest, blobs).catch((error: unknown) => {
      archive.destroy(error as Error);
      throw error;
    });
    const [fillResult, writeResult] = await Promise.allSettled([filled, written]);
    if (fillResult.status === 'rejected') throw fillResult.reason;
    if (writeResult.status === 'rejected') throw writeResult.reason;
    return { blobs: blobs.length, bytes: bytes + size };
  } finally {
    database.close();
  }
}

/** One state, in one file of its own; writers go on meanwhile. */
function copyDatabase(from: string, to: string): void {
  const source = openDatabase(from, { readonly: true });
  try {
    source.raw.prepare('VACUUM INTO ?').run(to);
  } finally {
    source.close();
  }
}

async function blobsOf({ db }: Connection): Promise<Blob[]> {
  return db
    .selectFrom('blob')
    .select(['sha256', 'size'])
    .where((eb) => eb.or([eb('condemned', 'is', null), eb('condemned', '!=', DELETING)]))
    .orderBy('sha256')
    .execute();
}

async function measure(path: string): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.byteLength;
  }
  return { size, sha256: hash.digest('hex') };
}

async function fill(
  archive: Pack,
  settings: Settings,
  copy: string,
  manifest: Manifest,
  blobs: readonly Blob[],
): Promise<void> {
  const text = (name: string, content: string) => append(archive, name, Buffer.byteLength(content), [content]);
  await text(MANIFEST, JSON.stringify(manifest));
  for (const name of KEPT) {
    const content = kept(join(settings.dataDir, name));
    if (content !== null) await text(KEPT_FOLDER + name, content);
  }
  await append(archive, DATABASE, manifest.database.size, createReadStream(copy));
  const disk = await openDisk(settings.storageDir);
  for (const { sha256, size } of blobs) {
    await append(archive, STORAGE_FOLDER + sha256, size, await readBlob(disk.blob(sha256), size));
  }
  archive.finalize();
}

async function readBlob(path: string, size: number): Promise<Readable> {
  const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new BlobGone(`the stored bytes ${path} are missing`);
    throw error;
  });
  if ((await handle.stat()).size === size) return handle.createReadStream();
  await handle.close();
  throw new ArchiveError(`the stored bytes ${path} have another size: run check`);
}

async function append(archive: Pack, name: string, size: number, content: Iterable<string> | Readable): Promise<void> {
  const entry = archive.entry({ name, size, mode: 0o600 });
  await pipeline(content instanceof Readable ? content : Readable.from(content), entry);
}
