import { Server, type ServerOptions } from '@tus/server';
import { newId, normalizeId, protocolError, type Id } from '@cambium/protocol';
import type { Request, RequestHandler, Response } from 'express';
import { explainFull } from '../disk.ts';
import { hearOut, watchIdle } from '../idle.ts';
import { readNotes } from '../notes.ts';
import { PACK_TYPE } from '../pack/format.ts';
import { findUpload, type UploadRecord } from '../records.ts';
import { serve } from '../serve.ts';
import { currentCall, runCall, type Call } from './call.ts';
import { ALGORITHMS, readChecksum } from './checksum.ts';
import { joinParts, readConcat, type Concat } from './concat.ts';
import { sendTusError, toTusAnswer, TusError } from './error.ts';
import {
  checkLengths,
  checkPatch,
  checkVersion,
  dropHeader,
  notFound,
  overrideMethod,
  TUS_VERSION,
  uploadId,
} from './guard.ts';
import { QueueLocker } from './locker.ts';
import { readMetadata } from './metadata.ts';
import { DRAIN_MS, patch } from './patch.ts';
import { isCompletePart, UploadStore, type StoreDeps } from './store.ts';
import { tellRefused, tellStored } from './outcome.ts';

const PATH = '/api/upload';

const EXTENSIONS = [
  'creation',
  'creation-with-upload',
  'creation-defer-length',
  'expiration',
  'checksum',
  'checksum-trailer',
  'termination',
  'concatenation',
].join(',');

/** Seconds. */
const RETRY_AFTER = '5';

/**
 * An upload may bring its own id, so that its sender can go on with it though no answer came: `upload_id`, or the `id`
 * of a pack, which is no file.
 */
function ownId({ metadata }: Call): Id | null {
  if (metadata?.values.get('filetype') === PACK_TYPE) return normalizeId(metadata.values.get('id'));
  const given = metadata?.values.get('upload_id') ?? null;
  const id = normalizeId(given);
  if (given !== null && id === null) throw new TusError(400, 'invalid_value', 'upload_id must be a UUID.');
  return id;
}

/**
 * tus 1.0.0 at `/api/upload`. The guard answers what @tus/server cannot or answers wrongly (GET, the 412 rule, method
 * override, checksum, concatenation, other people's uploads, expiry); PATCH is ours for
 * speed; creation, HEAD and DELETE are the library's, over our store.
 */
export function tusEndpoint(store: StoreDeps): RequestHandler {
  const { files } = store;
  const { auth, readDb, clock, random, settings, publicBase, fail, log } = files;
  const uploads = new UploadStore(store);
  const locker = new QueueLocker();
  const options: ServerOptions = {
    path: PATH,
    maxSize: settings.maxFileSize,
    locker,
    lockDrainTimeout: DRAIN_MS,
    // Which pages may call is decided for the whole server, not here.
    allowedOrigins: () => false,
    allowedHeaders: ['Upload-Checksum'],
    exposedHeaders: [
      'Cambium-Pack-Refused',
      'Repr-Digest',
      'Upload-Expires',
      'Tus-Checksum-Algorithm',
      'ETag',
      'X-Request-Id',
    ],
    namingFunction: () => ownId(currentCall()) ?? newId(clock.now(), random),
    generateUrl: (_req, { id }) => urlOf(currentCall().req, id),
    getFileIdFromRequest: () => uploadId(currentCall().req) ?? undefined,
    onResponseError: (_req, error) => {
      answerError(error, currentCall().res);
      return { status_code: 500, body: '' };
    },
  };
  const server = new Server({ ...options, datastore: uploads });

  function urlOf(req: Request, id: Id): string {
    return `${publicBase(req)}${PATH}/${id}`;
  }

  /** Our errors are JSON; the library's own answer, which comes after this one, finds everything said. */
  function answerError(thrown: unknown, res: Response): void {
    if (res.headersSent) return;
    const error = explainFull(thrown);
    const answer = toTusAnswer(error);
    if (answer?.status === 503) res.setHeader('Retry-After', RETRY_AFTER);
    if (answer?.status === 412) res.setHeader('Tus-Version', TUS_VERSION);
    if (answer) sendTusError(res, answer.status, answer.error);
    else if (error instanceof Error) fail(error, res);
    else {
      log.error({ error: String(error) }, 'upload failed');
      sendTusError(res, 500, protocolError('internal_error'));
    }
  }

  /** The caller's own upload, alive. */
  async function own(call: Call, id: Id): Promise<UploadRecord> {
    const row = await findUpload(readDb, id);
    if (!row || row.user !== call.user.pk || row.state === 'reserved') throw notFound();
    if (row.state !== 'stored' && row.expires <= new Date(clock.now()).toISOString()) {
      throw new TusError(410, 'gone', 'The upload was not continued in time.');
    }
    return row;
  }

  async function create(call: Call): Promise<void> {
    const { req, res } = call;
    checkLengths(req);
    call.metadata = readMetadata(req.headers['upload-metadata'] as string | undefined);
    const concat: Concat | null = readConcat(req.headers['upload-concat'] as string | undefined);
    call.concat = concat === null ? null : String(req.headers['upload-concat']);
    // What is read here is not the library's to judge.
    dropHeader(req, 'upload-metadata');
    dropHeader(req, 'upload-concat');
    if (concat?.kind !== 'final') {
      await server.handle(req, res);
      return;
    }
    const id = newId(clock.now(), random);
    const length = await joinParts(store, id, concat.parts);
    res
      .status(201)
      .set({ Location: urlOf(req, id), 'Upload-Offset': String(length) })
      .end();
  }

  async function download(call: Call, upload: UploadRecord): Promise<void> {
    const { req, res } = call;
    const cacheControl = 'no-store';
    if (isCompletePart(upload)) {
      const path = `incoming/${upload.id}`;
      const part = { path, sha256: null, mimeType: 'application/octet-stream', name: upload.id };
      serve(req, res, { ...part, root: store.disk.root, cacheControl }, fail);
      return;
    }
    const file = await readDb.selectFrom('file').selectAll().where('id', '=', upload.file).executeTakeFirst();
    const { stored, pack, members, refused } = readNotes(upload.metadata);
    if (pack && upload.state === 'stored') {
      const errors = new Map(refused.map(({ id, error }) => [id, error]));
      const results = members.map((id) =>
        errors.has(id) ? { id, status: 'refused', error: errors.get(id) } : { id, status: 'stored' },
      );
      res.setHeader('Cache-Control', cacheControl);
      res.json({ members: results });
      return;
    }
    if (!file || stored === null) throw notFound();
    const { mime_type: mimeType, original_filename: name } = file;
    const path = store.disk.blobName(stored);
    serve(req, res, { root: store.disk.root, path, sha256: stored, mimeType, name, cacheControl }, fail);
  }

  async function existing(call: Call, id: Id): Promise<void> {
    const { req, res } = call;
    const upload = await own(call, id);
    const notes = readNotes(upload.metadata);
    if (req.method === 'GET') {
      await download(call, upload);
      return;
    }
    if (req.method === 'PATCH') {
      checkPatch(req, notes);
      checkLengths(req);
      await patch({ files, store: uploads, locker, own }, call, id);
      return;
    }
    if (req.method === 'HEAD') {
      if (notes.raw !== null) res.setHeader('Upload-Metadata', notes.raw);
      if (notes.concat !== null) res.setHeader('Upload-Concat', notes.concat);
      if (upload.state === 'receiving') res.setHeader('Upload-Expires', new Date(upload.expires).toUTCString());
      else if (notes.pack) tellRefused(res, notes.refused.length);
      else if (notes.stored !== null) tellStored(res, notes.stored);
    }
    await server.handle(req, res);
  }

  async function answer(req: Request, res: Response): Promise<void> {
    overrideMethod(req);
    if (req.method === 'OPTIONS') {
      res.set({
        'Tus-Resumable': TUS_VERSION,
        'Tus-Version': TUS_VERSION,
        'Tus-Extension': EXTENSIONS,
        'Tus-Max-Size': String(settings.maxFileSize),
        'Tus-Checksum-Algorithm': ALGORITHMS.join(','),
      });
      res.status(204).end();
      return;
    }
    if (req.method !== 'GET') {
      res.setHeader('Tus-Resumable', TUS_VERSION);
      checkVersion(req);
    }
    const user = await auth(req);
    const checksum = readChecksum(req.headers['upload-checksum'] as string | undefined, req.headers.trailer);
    const call: Call = { req, res, user, metadata: null, concat: null, checksum };
    const id = uploadId(req);
    if (id === null && req.method !== 'POST') throw notFound();
    if (id !== null && req.method === 'POST') throw new TusError(405, 'method_not_allowed', 'POST makes a new upload.');
    // Proxies write more into it than the library takes.
    dropHeader(req, 'x-forwarded-proto');
    watchIdle(req, files.timers);
    await runCall(call, () => (id === null ? create(call) : existing(call, id)));
  }

  return (req, res) => {
    hearOut(req, res);
    const { method } = req;
    answer(req, res).catch((error: unknown) => {
      // Whether a body goes with the answer is told by the method that was sent, not by the one that overrides it.
      req.method = method;
      answerError(error, res);
    });
  };
}
