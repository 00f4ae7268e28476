import { Refusal } from '@cambium/protocol';
import type { Request, Response } from 'express';
import { openCapability } from './capability.ts';
import type { FilesDeps } from './deps.ts';
import type { Disk } from './disk.ts';
import { isDerivativeSize } from './media/facts.ts';
import type { Media } from './media/media.ts';
import { serve } from './serve.ts';

/** A year: what lies under a content URL never changes. */
const IMMUTABLE = 'public, immutable, max-age=31536000';

/**
 * `GET /content/<capability>/<name>`: the URL itself is the permission. `?size=thumbnail`, `square_thumbnail` or
 * `fullsize` gives a picture as a smaller JPEG.
 */
export function contentRoute({ readDb, settings, fail }: FilesDeps, disk: Disk, media: Media) {
  return async (req: Request, res: Response): Promise<void> => {
    const id = openCapability(settings.secret, String(req.params['capability']));
    const file =
      id === null
        ? undefined
        : await readDb.selectFrom('file').selectAll().where('id', '=', id).where('uploaded', '=', 1).executeTakeFirst();
    if (!file || file.sha256 === null) throw new Refusal('not_found');
    const { sha256, mime_type: mimeType, original_filename: name } = file;
    const { size } = req.query;
    const whole = { root: disk.root, cacheControl: IMMUTABLE, name };
    if (size === undefined) {
      serve(req, res, { ...whole, path: disk.blobName(sha256), sha256, mimeType }, fail);
      return;
    }
    if (!isDerivativeSize(size)) throw new Refusal('invalid_value', { field: 'size' });
    const derivative = await media.derivative(sha256, size);
    if (!derivative) throw new Refusal('not_found', { message: 'There is no picture of that size.' });
    serve(req, res, { ...whole, ...derivative, sha256, variant: size, name: `${name}.jpg` }, fail);
  };
}
