import { normalizeId, Refusal } from '@cambium/protocol';
import type { Request, Response } from 'express';
import type { DerivativeSize } from '../../files/index.ts';
import type { DialectDeps } from '../deps.ts';
import { selectStored } from '../stored.ts';

const DAY = 'public, max-age=86400';

const SIZES: Readonly<Record<string, DerivativeSize>> = {
  fullsize: 'fullsize',
  thumbnails: 'thumbnail',
  square_thumbnails: 'square_thumbnail',
};

/** `/files/original/…` and its smaller pictures: open to whoever knows the name, as in Omeka. */
export function pictures({ readDb, intake, media, log }: DialectDeps) {
  const fail = (error: unknown, res: Response): void => {
    const isMissing = error instanceof Refusal && error.error.code === 'not_found';
    if (!isMissing) log.error({ request: res.locals['requestId'], err: error }, 'request failed');
    if (res.headersSent) res.destroy();
    else
      res
        .status(isMissing ? 404 : 500)
        .type('text/plain')
        .send(isMissing ? 'Not Found' : 'Internal Server Error');
  };

  async function serve(req: Request, res: Response): Promise<void> {
    const [, folder = '', name = ''] = /^\/files\/([a-z_]+)\/([^/]+)$/.exec(req.path) ?? [];
    const id = normalizeId(name.slice(0, 32));
    const file = id === null ? undefined : await selectStored(readDb).where('f.id', '=', id).executeTakeFirst();
    if (!file) throw new Refusal('not_found');
    const { sha256, original_filename } = file;
    if (folder === 'original') {
      intake.serve(req, res, { sha256, mimeType: file.mime_type, name: original_filename, cacheControl: DAY, fail });
      return;
    }
    const size = Object.hasOwn(SIZES, folder) ? SIZES[folder] : undefined;
    const derivative = size && (await media.derivative(sha256, size));
    if (!derivative) throw new Refusal('not_found');
    intake.serveDerivative(req, res, derivative, { name: `${id}.jpg`, cacheControl: DAY, fail });
  }

  return (req: Request, res: Response): void => {
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      res.setHeader('Allow', 'GET, HEAD');
      res.status(405).type('text/plain').send('Method Not Allowed');
      return;
    }
    serve(req, res).catch((error: unknown) => fail(error, res));
  };
}
