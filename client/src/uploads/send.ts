import { protocolError } from '@cambium/protocol';

import type { FileApi } from './api.ts';
import type { UploadDeps } from './deps.ts';
import { UploadFailure } from './failure.ts';
import { fetchStack } from './fetch-stack.ts';
import { forget } from './intake.ts';
import { sendResumable, type Transfer } from './resumable.ts';
import { readBytes } from './source.ts';
import type { UploadRow } from '../database/uploads.ts';

/** A file up to this size goes in one plain request: starting it over costs less than the requests of resuming. */
const SMALL = 256 * 1024;
/** Bytes of one request where `fetch` tells nothing on the way: small enough that a slow line does not look stalled. */
const BLIND_CHUNK = 2 * 1024 * 1024;
/** How often progress is written down, milliseconds. */
const PROGRESS = 250;

/**
 * One try to bring a file to the server: ask where to (known bytes are not sent at all), send what it lacks, and ask
 * whether it has the right bytes. Only that answer ends an upload; a success of the transfer alone proves nothing.
 */
export async function send(
  deps: UploadDeps,
  api: FileApi,
  upload: UploadRow,
  chunk: number,
  signal: AbortSignal,
): Promise<void> {
  const { database } = deps;
  if (!(await database.file.get(upload.id))) {
    throw new UploadFailure(
      'refused',
      protocolError('not_found', { message: 'What this file was attached to is gone.' }),
    );
  }
  await database.upload.update(upload.id, { state: 'sending' });
  const ticket = await api.ticket(upload);
  if (!ticket.file.uploaded) {
    if (upload.size <= SMALL) await api.put(ticket, await readBytes(database, upload.id, 0, upload.size));
    else {
      const url = upload.upload_url ?? (await api.create(upload, ticket));
      await database.upload.update(upload.id, { upload_url: url });
      const read = (start: number, end: number) => readBytes(database, upload.id, start, end);
      await transfer(deps, { url, size: upload.size, read }, chunk, signal, (sent) => {
        // Progress starts the count of tries anew. A write that fails here shows up in the next one that matters.
        void database.upload.update(upload.id, { sent, attempts: 0 });
      });
    }
  }
  await database.upload.update(upload.id, { state: 'verifying', sent: upload.size });
  const file = await api.file(upload.id);
  if (!file?.uploaded || file.checksum !== upload.md5 || (file.sha256 !== null && file.sha256 !== upload.sha256)) {
    throw new UploadFailure(
      'restart',
      protocolError('checksum_mismatch', { message: 'The server does not have these bytes.' }),
    );
  }
  await forget(deps, upload.id);
}

/** Sends the bytes that the server lacks of an upload that exists there. `note` is told of progress now and then. */
export function transfer(
  { world, token }: UploadDeps,
  bytes: Pick<Transfer, 'url' | 'size' | 'read'>,
  chunk: number,
  signal: AbortSignal,
  note: (sent: number) => void,
): Promise<void> {
  const hasProgress = typeof XMLHttpRequest !== 'undefined';
  let written = 0;
  return sendResumable({
    ...bytes,
    chunk: hasProgress ? chunk : Math.min(chunk, BLIND_CHUNK),
    signal,
    token: token(),
    timers: world.timers,
    onProgress: (sent) => {
      if (world.clock.now() < written + PROGRESS) return;
      written = world.clock.now();
      note(sent);
    },
    ...(!hasProgress && { httpStack: fetchStack((...args) => world.fetch(...args)) }),
  });
}
