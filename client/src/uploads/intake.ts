import { Refusal } from '@cambium/protocol';

import type { UploadDeps } from './deps.ts';
import { type Digests, inlineHasher } from './hash.ts';
import { workerHasher } from './hash-worker.ts';
import { dropBytes } from './source.ts';
import { SLICE_BYTES, type UploadRow } from './tables.ts';

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

/** Hashes a blob slice by slice; each slice is handed to `keep` first, as a worker takes it over afterwards. */
export async function hash(
  deps: Pick<UploadDeps, 'hashWorker'>,
  blob: Blob,
  keep: (bytes: ArrayBuffer, index: number) => PromiseLike<void> = () => Promise.resolve(),
): Promise<Digests> {
  const hasher = deps.hashWorker ? workerHasher(deps.hashWorker()) : await inlineHasher();
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
