import { normalizeId } from '@cambium/protocol';
import type { Request } from 'express';
import type { UploadNotes } from '../notes.ts';
import { TusError } from './error.ts';

export const TUS_VERSION = '1.0.0';

const METHODS = ['OPTIONS', 'GET', 'HEAD', 'POST', 'PATCH', 'DELETE'];

/**
 * `X-HTTP-Method-Override` decides which method a request has: for networks that let only GET and POST through.
 * @tus/server knows nothing of it.
 */
export function overrideMethod(req: Request): void {
  const override = req.headers['x-http-method-override'];
  if (typeof override === 'string') req.method = override.trim().toUpperCase();
  if (!METHODS.includes(req.method)) {
    throw new TusError(405, 'method_not_allowed', 'That method does not work on uploads.');
  }
}

/** Another version, or none, is answered before anything else is looked at; @tus/server answers 400 to the former. */
export function checkVersion(req: Request): void {
  if (req.headers['tus-resumable'] === TUS_VERSION) return;
  throw new TusError(412, 'unsupported_protocol', `Tus-Resumable must be ${TUS_VERSION}.`);
}

/** The id in the address; null for the collection itself. */
export function uploadId(req: Request): string | null {
  const path = req.path.replace(/\/$/, '');
  if (path === '') return null;
  const id = normalizeId(path.slice(1));
  if (id === null) throw notFound();
  return id;
}

/** What the protocol demands of a PATCH and @tus/server answers otherwise or not at all. */
export function checkPatch(req: Request, notes: UploadNotes): void {
  if (notes.concat !== null && notes.concat !== 'partial') {
    throw new TusError(403, 'forbidden', 'A joined upload takes no more bytes.');
  }
  if (req.headers['content-type'] !== 'application/offset+octet-stream') {
    throw new TusError(415, 'unsupported_type', 'The Content-Type must be application/offset+octet-stream.');
  }
  const offset = req.headers['upload-offset'];
  if (typeof offset !== 'string' || !isWhole(offset)) {
    throw new TusError(400, 'invalid_value', 'Upload-Offset must be a whole number.');
  }
}

/** Hides a header from @tus/server, which reads both forms in which Node has them. */
export function dropHeader(req: Request, name: string): void {
  delete req.headers[name];
  for (let at = req.rawHeaders.length - 2; at >= 0; at -= 2) {
    if (req.rawHeaders[at]?.toLowerCase() === name) req.rawHeaders.splice(at, 2);
  }
}

/** Lengths that a number cannot hold exactly are refused rather than rounded. */
export function checkLengths(req: Request): void {
  const length = req.headers['upload-length'];
  if (length !== undefined && (typeof length !== 'string' || !isWhole(length))) {
    throw new TusError(400, 'invalid_value', 'Upload-Length must be a whole number of bytes.');
  }
  const deferred = req.headers['upload-defer-length'];
  if (deferred !== undefined && deferred !== '1') {
    throw new TusError(400, 'invalid_value', 'Upload-Defer-Length can only be 1.');
  }
}

export function notFound(): TusError {
  return new TusError(404, 'not_found', 'There is no such upload.');
}

function isWhole(text: string): boolean {
  return /^(?:0|[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(Number(text));
}
