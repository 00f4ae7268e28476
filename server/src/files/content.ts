import { Refusal } from '@cambium/protocol';
import type { Request, Response } from 'express';
import { openCapability } from './capability.ts';
import type { FilesDeps } from './deps.ts';
import type { Disk } from './disk.ts';
import { serve } from './serve.ts';

/** A year: what lies under a content URL never changes. */
const IMMUTABLE = 'public, immutable, max-age=31536000';

/** `GET /content/<capability>/<name>`: the URL itself is the permission. */
export function contentRoute({ readDb, settings, fail }: FilesDeps, disk: Disk) {
  return async (req: Request, res: Response): Promise<void> => {
    const id = openCapability(settings.secret, String(req.params['capability']));
    const file =
      id === null
        ? undefined
        : await readDb.selectFrom('file').selectAll().where('id', '=', id).where('uploaded', '=', 1).executeTakeFirst();
    if (!file || file.sha256 === null) throw new Refusal('not_found');
    const { sha256, mime_type: mimeType, original_filename: name } = file;
    serve(
      req,
      res,
      { root: disk.root, path: disk.blobName(sha256), sha256, mimeType, name, cacheControl: IMMUTABLE },
      fail,
    );
  };
}
