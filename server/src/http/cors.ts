import type { RequestHandler } from 'express';

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';

const ALLOWED = [
  'Authorization',
  'Content-Type',
  'Content-Encoding',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'Last-Event-ID',
  'Range',
  'Tus-Resumable',
  'Upload-Checksum',
  'Upload-Concat',
  'Upload-Defer-Length',
  'Upload-Length',
  'Upload-Metadata',
  'Upload-Offset',
  'X-HTTP-Method-Override',
  'X-Requested-With',
].join(', ');

const EXPOSED = [
  'Accept-Ranges',
  'Cambium-Pack-Refused',
  'Cambium-Rev',
  'Content-Disposition',
  'Content-Range',
  'Content-Size',
  'ETag',
  'Link',
  'Location',
  'Omeka-Total-Results',
  'Repr-Digest',
  'Retry-After',
  'Tus-Checksum-Algorithm',
  'Tus-Extension',
  'Tus-Max-Size',
  'Tus-Resumable',
  'Tus-Version',
  'Upload-Concat',
  'Upload-Defer-Length',
  'Upload-Expires',
  'Upload-Length',
  'Upload-Metadata',
  'Upload-Offset',
  'X-Alt-Text',
  'X-Hash',
  'X-Request-Id',
  'X-Thumbhash',
].join(', ');

/** Lets pages of these origins call the API, resumable uploads included. Without any, no header is ever set. */
export function cors(origins: readonly string[]): RequestHandler {
  const known = new Set(origins);
  return (req, res, next) => {
    if (known.size > 0) res.vary('Origin');
    const { origin } = req.headers;
    if (origin === undefined || !known.has(origin)) {
      next();
      return;
    }
    res.setHeader('Access-Control-Allow-Origin', origin);
    res.setHeader('Access-Control-Expose-Headers', EXPOSED);
    const isPreflight = req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined;
    if (!isPreflight) {
      next();
      return;
    }
    res.setHeader('Access-Control-Allow-Methods', METHODS);
    res.setHeader('Access-Control-Allow-Headers', ALLOWED);
    res.setHeader('Access-Control-Max-Age', '86400');
    res.status(204).end();
  };
}
