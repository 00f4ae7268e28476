import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { normalizeId, Refusal } from '@cambium/protocol';
import type { Request, Response } from 'express';
import { isGranted } from './capability.ts';
import type { FilesDeps } from './deps.ts';
import { PUT_PREFIX, type Disk } from './disk.ts';
import { LARGE, newHasher } from './hasher.ts';
import { hearOut, watchIdle } from './idle.ts';
import { isAsAnnounced, readNotes } from './notes.ts';
import { receive } from './receive.ts';
import { fileJson, findUpload, selectFiles } from './records.ts';
import type { Stock } from './stock.ts';

/** `PUT` to the URL that `upload_url` gave: exactly the announced bytes, in one request. */
export function putRoute(deps: FilesDeps, disk: Disk, stock: Stock) {
  const { readDb, settings, clock, timers, publicBase } = deps;

  /** The file that the URL was signed for. */
  async function granted(req: Request) {
    const id = normalizeId(req.params['id']);
    const expires = Number(req.query['expires']);
    const file = id === null ? undefined : await selectFiles(readDb).where('f.id', '=', id).executeTakeFirst();
    if (!file || file.file_size === null || !Number.isSafeInteger(expires)) throw new Refusal('not_found');
    const grant = { file: file.id, checksum: file.checksum, size: file.file_size, expires };
    if (!isGranted(settings.secret, grant, textOf(req.query['signature']))) {
      throw new Refusal('forbidden', { message: 'This upload address is not valid.' });
    }
    if (clock.now() >= expires * 1000) throw new Refusal('forbidden', { message: 'This upload address has expired.' });
    return { ...file, file_size: file.file_size };
  }

  return async (req: Request, res: Response): Promise<void> => {
    hearOut(req, res);
    const file = await granted(req);
    if (req.headers['content-type'] !== file.mime_type) {
      throw new Refusal('unsupported_type', { message: `The Content-Type must be exactly ${file.mime_type}.` });
    }
    const length = req.headers['content-length'];
    if (length !== undefined && Number(length) !== file.file_size) {
      throw new Refusal('size_mismatch', { details: { expected: file.file_size } });
    }
    watchIdle(req, timers);
    const path = disk.incoming(PUT_PREFIX + randomUUID());
    const hasher = newHasher(file.file_size, file.checksum || null);
    const target = await open(path, 'wx');
    try {
      const came = await receive(bounded(req, file.file_size), {
        file: target,
        large: file.file_size < LARGE ? null : path,
        offset: 0,
        hasher,
        clock,
      });
      await target.sync();
      if (came.broken !== null) throw came.broken;
      if (came.offset !== file.file_size) throw new Refusal('size_mismatch', { details: { expected: file.file_size } });
      const digest = await hasher.digest();
      const reserved = await findUpload(readDb, file.id);
      const sha256 = file.sha256 ?? (reserved?.state === 'reserved' ? readNotes(reserved.metadata).sha256 : null);
      if (!isAsAnnounced(digest, { checksum: file.checksum, sha256 })) throw new Refusal('checksum_mismatch');
      await stock.store({ file: file.id, upload: null, path, size: came.offset, digest });
    } finally {
      hasher.drop();
      await target.close();
      await disk.remove(path);
    }
    const stored = await selectFiles(readDb).where('f.id', '=', file.id).executeTakeFirst();
    if (!stored) throw new Refusal('not_found');
    res.json({ file: fileJson(stored, publicBase(req)) });
  };
}

/** The body up to `size` bytes; more is refused as soon as it shows. */
async function* bounded(req: Request, size: number): AsyncGenerator<Buffer> {
  let seen = 0;
  // Ending the loop early must leave the connection alive: the refusal is still to be read.
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    seen += chunk.byteLength;
    if (seen > size) throw new Refusal('size_mismatch', { details: { expected: size } });
    yield chunk;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
