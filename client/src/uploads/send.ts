import { newId, protocolError } from '@cambium/protocol';

import type { FileApi } from './api.ts';
import type { UploadDeps } from './deps.ts';
import { UploadFailure } from './failure.ts';
import { fetchStack, SENDS_STREAMS } from './fetch-stack.ts';
import { forget } from './intake.ts';
import { type LastAnswer, sendResumable, type Transfer } from './resumable.ts';
import { readBytes } from './source.ts';
import type { UploadRow } from '../database/uploads.ts';

/** A file up to this size goes in one plain request: starting it over costs less than the requests of resuming. */
const SMALL = 256 * 1024;
/** Bytes of one request where nothing is told on the way: small enough that a slow line does not look stalled. */
const BLIND_CHUNK = 2 * 1024 * 1024;
/** How often progress is written down, milliseconds. */
const PROGRESS = 250;

/**
 * One try to bring a file to the server: ask where to (known bytes are not sent at all), send what it lacks, and see
 * that it has the right bytes. Only that ends an upload; a success of the transfer alone proves nothing.
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
  const isLarge = upload.size > SMALL;
  const digest = isLarge ? await sendLarge(deps, api, upload, chunk, signal) : await sendSmall(deps, api, upload);
  if (digest !== upload.sha256) await confirm(deps, api, upload);
  await forget(deps, [upload.id]);
}

async function sendSmall(deps: UploadDeps, api: FileApi, upload: UploadRow): Promise<null> {
  const ticket = await api.ticket(upload);
  if (!ticket.file.uploaded) await api.put(ticket, await readBytes(deps.database, upload.id, 0, upload.size));
  return null;
}

/** The SHA-256 of what the server says that it stored; null when it does not say. */
async function sendLarge(
  deps: UploadDeps,
  api: FileApi,
  upload: UploadRow,
  chunk: number,
  signal: AbortSignal,
): Promise<string | null> {
  const { database, server } = deps;
  const { id, size } = upload;
  let url = upload.upload_url;
  let create: Transfer['create'];
  if (url === null) {
    const ticket = await api.ticket(upload);
    if (ticket.file.uploaded) return null;
    // Named here and written down first: whatever becomes of the answer, the next try goes on with it.
    const upload_id = newId(deps.world.clock.now(), deps.world.random);
    const { endpoint, metadata } = ticket.tus;
    create = { endpoint, metadata: { ...metadata, upload_id } };
    url = `${server}/api/upload/${upload_id}`;
    await database.upload.update(id, { upload_url: url, accepted: 0 });
  }
  const answer = await transfer(
    deps,
    { url, size, read: (start, end) => readBytes(database, id, start, end), ...(create && { create }) },
    chunk,
    signal,
    (sent) => aside(database.upload.update(id, { sent })),
    (accepted) => noteAccepted(deps, [id], accepted),
  );
  return digestIn(answer('Repr-Digest'));
}

/** Asks what the server has. */
async function confirm({ database }: UploadDeps, api: FileApi, upload: UploadRow): Promise<void> {
  await database.upload.update(upload.id, { state: 'verifying', sent: upload.size });
  const file = await api.file(upload.id);
  if (!file?.uploaded || file.checksum !== upload.md5 || (file.sha256 !== null && file.sha256 !== upload.sha256)) {
    throw new UploadFailure(
      'restart',
      protocolError('checksum_mismatch', { message: 'The server does not have these bytes.' }),
    );
  }
}

/** Progress that the server has confirmed starts the count of tries anew. */
export function noteAccepted({ database }: UploadDeps, ids: readonly string[], accepted: number): void {
  const rows = database.upload.where('id').anyOf(ids);
  aside(
    rows.modify((row) => {
      if (accepted > (row.accepted ?? 0)) Object.assign(row, { accepted, attempts: 0 });
    }),
  );
}

/** A write that nothing waits for. One that fails, in a database that was closed say, shows up in the next that matters. */
function aside(write: PromiseLike<unknown>): void {
  write.then(undefined, () => undefined);
}

/** `Repr-Digest: sha-256=:<Base64>:` (RFC 9530) in hex. */
function digestIn(header: string | undefined): string | null {
  const encoded = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]+):/.exec(header ?? '')?.[1];
  if (encoded === undefined) return null;
  return Array.from(atob(encoded), (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

/** Sends the bytes that the server lacks of an upload. `note` is told of progress now and then. */
export function transfer(
  { world, token }: UploadDeps,
  bytes: Pick<Transfer, 'url' | 'size' | 'read' | 'create'>,
  chunk: number,
  signal: AbortSignal,
  note: (sent: number) => void,
  onAccepted: (bytes: number) => void,
): Promise<LastAnswer> {
  const isPage = typeof XMLHttpRequest !== 'undefined';
  let written = 0;
  return sendResumable({
    ...bytes,
    chunk: isPage || SENDS_STREAMS ? chunk : Math.min(chunk, BLIND_CHUNK),
    signal,
    token: token(),
    timers: world.timers,
    onProgress: (sent) => {
      if (world.clock.now() < written + PROGRESS) return;
      written = world.clock.now();
      note(sent);
    },
    onAccepted,
    ...(!isPage && { httpStack: fetchStack((...args) => world.fetch(...args)) }),
  });
}
