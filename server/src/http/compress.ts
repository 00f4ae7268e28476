import { constants } from 'node:zlib';
import compression from 'compression';
import type { RequestHandler } from 'express';

const COMPRESSIBLE =
  /^(?:application\/(?:json|x-ndjson|javascript|manifest\+json)|text\/(?!event-stream)|image\/svg\+xml)/;

/**
 * gzip and br for what is text. Levels are low: an answer of the log is sent once, and the faster setting is within a
 * tenth of the size of the slower one.
 */
export function compress(): RequestHandler {
  return compression({
    level: 4,
    brotli: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
    filter: (_req, res) => COMPRESSIBLE.test(String(res.getHeader('Content-Type') ?? '')),
  });
}
