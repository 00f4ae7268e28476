import type { FilesDeps } from '../deps.ts';
import type { UploadRecord } from '../records.ts';
import { bodyOf } from './body.ts';
import type { Call } from './call.ts';
import { TusError } from './error.ts';
import type { QueueLocker } from './locker.ts';
import type { UploadStore } from './store.ts';

/** How long a request that another one waits for may go on before it is cut; what it brought is kept. */
export const DRAIN_MS = 2_000;

export interface Patching {
  files: FilesDeps;
  store: UploadStore;
  locker: QueueLocker;
  /** The caller's own upload, alive. */
  own: (call: Call, id: string) => Promise<UploadRecord>;
}

/**
 * PATCH, whose headers the guard has judged. Ours because @tus/server turns the request into a web stream and back
 * through three more: most of the time that a large upload takes goes there.
 */
export async function patch({ files, store, locker, own }: Patching, call: Call, id: string): Promise<void> {
  const { req, res } = call;
  const gone = new AbortController();
  const cut = new AbortController();
  let cancelDrain: () => void = () => undefined;
  let asked = false;
  req.once('close', () => gone.abort());
  const lock = locker.newLock(id);
  await lock.lock(gone.signal, () => {
    if (asked) return;
    asked = true;
    cancelDrain = files.timers.after(DRAIN_MS, () => cut.abort());
  });
  try {
    const upload = await own(call, id);
    const offset = Number(req.headers['upload-offset']);
    if (upload.offset !== offset) throw new TusError(409, 'offset_conflict', `The upload is at ${upload.offset}.`);
    const length = await lengthOf(store, upload, req.headers['upload-length'] as string | undefined, files);
    const most = (length ?? files.settings.maxFileSize) - offset;
    if (Number(req.headers['content-length'] ?? 0) > most) throw tooLong();
    const moved = await store.write(bounded(bodyOf(req, cut.signal), most), id, offset);
    res.setHeader('Upload-Offset', String(moved));
  } finally {
    cancelDrain();
    await lock.unlock();
  }
  res.status(204).end();
}

/** The upload's length, or the deferred one that this request declares. */
async function lengthOf(
  store: UploadStore,
  upload: UploadRecord,
  header: string | undefined,
  { settings }: FilesDeps,
): Promise<number | null> {
  if (header === undefined) return upload.length;
  const length = Number(header);
  // A client whose answer was lost repeats the length; only another one is a contradiction.
  if (length === upload.length) return length;
  if (upload.length !== null || length < upload.offset) {
    throw new TusError(400, 'invalid_value', 'Upload-Length contradicts what is known of the upload.');
  }
  if (length > settings.maxFileSize) throw tooLong();
  await store.declareUploadLength(upload.id, length);
  return length;
}

/** Bytes past the end are refused as soon as they show; those before it stay. */
async function* bounded(chunks: AsyncIterable<Buffer>, most: number): AsyncGenerator<Buffer> {
  let left = most;
  for await (const chunk of chunks) {
    left -= chunk.byteLength;
    if (left < 0) throw tooLong();
    yield chunk;
  }
}

function tooLong(): TusError {
  return new TusError(413, 'too_large', 'The request brings more bytes than the upload may have.');
}
