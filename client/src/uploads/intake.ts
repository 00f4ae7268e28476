import { Refusal } from '@cambium/protocol';

import type { UploadDeps } from './deps.ts';
import { type Digests, inlineHasher } from './hash.ts';
import { workerHasher } from './hash-worker.ts';
import { dropBytes } from './source.ts';
import { SLICE_BYTES, type UploadRow } from './tables.ts';

/** A `reading` upload without a sign of life for this long was left behind by a page that is gone, milliseconds. */
const ABANDONED = 10 * 60_000;

/** Copies a blob slice by slice into the database and hashes what was copied. */
export async function takeIn(deps: UploadDeps, upload: UploadRow, blob: Blob): Promise<Digests> {
  const { database, world } = deps;
  const hasher = deps.hashWorker ? workerHasher(deps.hashWorker()) : await inlineHasher();
  try {
    for (let start = 0, index = 0; start < blob.size; start += SLICE_BYTES, index += 1) {
      const bytes = await readSlice(blob, start);
      await database.transaction('rw', database.upload, database.slice, async () => {
        await database.slice.put({ file: upload.id, index, bytes });
        await database.upload.update(upload.id, { sent: start + bytes.byteLength, touched_at: world.clock.now() });
      });
      // After the copy lies in the database: a worker takes the buffer over.
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

/** Forgets one upload and its bytes. */
export function forget(deps: UploadDeps, id: string): PromiseLike<void> {
  const { database } = deps;
  return database.transaction('rw', database.upload, database.slice, async () => {
    await database.upload.delete(id);
    await dropBytes(database, id);
  });
}

/** Forgets what pages that were closed while reading have left behind. */
export async function sweepAbandoned(deps: UploadDeps): Promise<void> {
  const before = deps.world.clock.now() - ABANDONED;
  const reading = await deps.database.upload.where('state').equals('reading').toArray();
  for (const upload of reading) if (upload.touched_at < before) await forget(deps, upload.id);
}
