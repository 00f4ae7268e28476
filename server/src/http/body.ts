import { isUtf8 } from 'node:buffer';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { isJsonObject, isTooDeep, LIMITS, MAX_JSON_DEPTH, Refusal, type JsonObject } from '@cambium/protocol';
import type { Request } from 'express';

/** A sender of too much is heard out this far, so that it reads the refusal instead of a broken connection. */
const HEARD_OUT = 4 * LIMITS.request;

const DECODERS: Record<string, () => Transform> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  br: createBrotliDecompress,
  deflate: createInflate,
};

/** Deeper than any field may be: what is nested by the thousand exhausts the stack of whoever writes it as text. */
const DEEPEST = 2 * MAX_JSON_DEPTH;

/** The JSON object in the body. Throws a Refusal for anything else. */
export async function readJsonObject(req: Request): Promise<JsonObject> {
  const value = parseJson(await readJsonBytes(req));
  if (!isJsonObject(value)) throw new Refusal('invalid_value', { message: 'The body must be a JSON object.' });
  if (isTooDeep(value, DEEPEST)) throw new Refusal('invalid_value', { message: 'The body is nested too deeply.' });
  return value;
}

/** The inflated bytes of a JSON body: valid UTF-8, at most `LIMITS.request` bytes, not yet parsed. */
export async function readJsonBytes(req: Request): Promise<Buffer> {
  const type = req.headers['content-type'];
  if (type !== undefined && !/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) {
    req.resume();
    throw new Refusal('unsupported_type', { message: 'The body must be application/json.' });
  }
  const bytes = await readBytes(req, LIMITS.request);
  if (!isUtf8(bytes)) throw new Refusal('malformed_json', { message: 'The body is not valid UTF-8.' });
  return bytes;
}

export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    // Deep nesting can exhaust the parser's stack, which is the sender's fault as well.
    if (error instanceof SyntaxError || error instanceof RangeError) throw new Refusal('malformed_json');
    throw error;
  }
}

async function readBytes(req: Request, limit: number): Promise<Buffer> {
  const encoding = (req.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity') return collect(req, req, limit);
  const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
  if (!decoder) {
    req.resume();
    throw new Refusal('unsupported_type', { message: 'That content encoding is not supported; use gzip or br.' });
  }
  // Not `pipeline`: that would destroy the request, and the connection with it, before the refusal is sent.
  return collect(req, req.pipe(decoder()), limit);
}

function collect(req: Request, source: Request | Transform, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else refuse(new Refusal('too_large', { details: { limit } }));
    };
    const finish = () => resolve(Buffer.concat(chunks, size));
    const refuse = (refusal: Refusal) => {
      source.off('data', take).off('end', finish);
      if (source !== req) req.unpipe(source as Transform);
      hearOut(req, () => reject(refusal));
    };
    source.on('data', take).on('end', finish);
    source.on('error', (error: Error) => {
      if (source === req) reject(error);
      else refuse(new Refusal('malformed_json', { message: 'The body is not what its content encoding says.' }));
    });
    if (source !== req) req.on('error', reject);
    req.on('aborted', () => reject(new Refusal('malformed_json', { message: 'The body ended too early.' })));
  });
}

/** Reads on without keeping anything, up to a bound, then calls back; a sender who goes on beyond it is cut off. */
function hearOut(req: Request, done: () => void): void {
  let left = HEARD_OUT;
  let isDone = req.readableEnded || req.destroyed;
  if (isDone) {
    done();
    return;
  }
  const finish = () => {
    if (!isDone) done();
    isDone = true;
  };
  req.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) finish();
  });
  req.on('end', finish);
  req.on('close', finish);
  req.resume();
}
