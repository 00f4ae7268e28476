import { Refusal } from '@cambium/protocol';

import type { UploadDeps } from './deps.ts';
import { type Digests, type Hasher, inlineHasher } from './hash.ts';
import { type HashWorker, HashWorkerFailed, workerHasher } from './hash-worker.ts';
import { dropBytes, readBytes } from './source.ts';
import { SLICE_BYTES, type UploadRow } from '../database/uploads.ts';

/** A `reading` upload without a sign of life for this long was left behind by a page that is gone, milliseconds. */
const ABANDONED = 10 * 60_000;

/** Copies a blob slice by slice into the database and hashes what was copied. */
export function takeIn(deps: UploadDeps, upload: UploadRow, blob: Blob): Promise<Digests> {
  const { database, world } = deps;
  return hash(deps, blob, (bytes, index) =>
    database.transaction('rw', database.upload, database.slice, async () => {
      await database.slice.put({ file: upload.id, index, bytes });
      const sent = index * SLICE_BYTES + bytes.byteLength;
      await database.upload.update(upload.id, { sent, touched_at: world.clock.now() });
    }),
  );
}

type Keep = (bytes: ArrayBuffer, index: number) => PromiseLike<void>;

/**
 * Hashes a blob slice by slice; each slice is handed to `keep` first, as a worker takes it over afterwards. Where the
 * worker cannot be had, or fails half-way, this thread begins again: `keep` may get a slice twice.
 */
export async function hash(
  deps: Pick<UploadDeps, 'hashWorker'>,
  blob: Blob,
  keep: Keep = () => Promise.resolve(),
): Promise<Digests> {
  const worker = deps.hashWorker && startWorker(deps.hashWorker);
  if (worker) {
    try {
      return await hashWith(workerHasher(worker), blob, keep);
    } catch (error) {
      if (!(error instanceof HashWorkerFailed)) throw error;
    }
  }
  return hashWith(await inlineHasher(), blob, keep);
}

function startWorker(hashWorker: () => HashWorker): HashWorker | null {
  try {
    return hashWorker();
  } catch {
    // A page's policy may forbid workers; browsers differ in what they throw then.
    return null;
  }
}

async function hashWith(hasher: Hasher, blob: Blob, keep: Keep): Promise<Digests> {
  try {
    for (let start = 0, index = 0; start < blob.size; start += SLICE_BYTES, index += 1) {
      const bytes = await readSlice(blob, start);
      await keep(bytes, index);
      await hasher.update(bytes);
    }
    return await hasher.finish();
  } finally {
    hasher.close();
  }
}

async function readSlice(blob: Blob, start: number): Promise<ArrayBuffer> {
  try {
    return await blob.slice(start, start + SLICE_BYTES).arrayBuffer();
  } catch {
    // What lies behind a File can change or go while it is read; every browser words that differently.
    throw new Refusal('invalid_value', { field: 'file', message: 'The file can no longer be read; choose it again.' });
  }
}

/** Are the bytes that are kept still those that were attached? */
export async function isIntact({ database }: UploadDeps, { id, size, sha256 }: UploadRow): Promise<boolean> {
  const hasher = await inlineHasher();
  for (let start = 0; start < size; start += SLICE_BYTES) {
    const blob = await readBytes(database, id, start, Math.min(size, start + SLICE_BYTES));
    await hasher.update(await blob.arrayBuffer());
  }
  return (await hasher.finish()).sha256 === sha256;
}

/** Forgets uploads and their bytes. */
export function forget(deps: UploadDeps, ids: readonly string[]): PromiseLike<void> {
  const { database } = deps;
  return database.transaction('rw', database.upload, database.slice, async () => {
    await database.upload.bulkDelete([...ids]);
    for (const id of ids) await dropBytes(database, id);
  });
}

/** Forgets what pages that were closed while reading have left behind. */
export async function sweepAbandoned(deps: UploadDeps): Promise<void> {
  const before = deps.world.clock.now() - ABANDONED;
  const reading = await deps.database.upload.where('state').equals('reading').toArray();
  for (const upload of reading) if (upload.touched_at < before) await forget(deps, [upload.id]);
}
