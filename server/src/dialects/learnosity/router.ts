import express, { type Request, type Response, type Router } from 'express';
import { hearOut } from '../../files/index.ts';
import type { DialectDeps } from '../deps.ts';
import { assets } from './assets.ts';
import { DataError, sendDataError } from './errors.ts';
import { readForm } from './form.ts';
import { assetPath, uploadQuery } from './grant.ts';
import { readRequest } from './request.ts';
import { verify } from './security.ts';

/** Seconds that an upload URL can be used. */
const GRANTED = 3_600;

const VERSION = /^(?:v\d+(?:\.\d+)*(?:\.lts|\.preview\d+)?|latest|latest-lts|developer)$/i;

/** Learnosity's `/{version}/itembank/upload/assets` and the assets themselves: see docs/dialects/learnosity.md. */
export function learnosityRouter(deps: DialectDeps): Router {
  const { readDb, clock, publicBase, secret, log } = deps;
  const router = express.Router();

  async function grantUploads(req: Request, res: Response): Promise<void> {
    const form = await readForm(req);
    const now = clock.now();
    const consumer = await verify(readDb, form, now);
    if (form.action !== undefined && form.action !== 'get') throw new DataError(20004, 'action');
    const { organisation = consumer.organisation, wanted } = readRequest(form.request);
    if (organisation !== consumer.organisation) throw new DataError(40003);
    const timestamp = Math.floor(now / 1000);
    const expires = timestamp + GRANTED;
    const base = publicBase(req);
    const data = wanted.map(({ subkey, type }) => {
      const path = assetPath(organisation, subkey);
      const query = uploadQuery(secret, { consumer: consumer.key, organisation, subkey, type, expires });
      return { upload: `${base}${path}?${query}`, public: base.replace(/^https?:/, '') + path, content_type: type };
    });
    const requested = String(req.params['version']);
    res.setHeader('Cache-Control', 'no-store');
    res.status(200).json({
      meta: {
        status: true,
        timestamp,
        records: data.length,
        versions: { requested, mapped: requested, concrete: requested },
      },
      data,
    });
  }

  const guarded = (handle: (req: Request, res: Response) => Promise<void>) => (req: Request, res: Response) => {
    hearOut(req, res);
    handle(req, res).catch((error: unknown) => {
      if (!(error instanceof DataError)) log.error({ request: res.locals['requestId'], err: error }, 'request failed');
      if (res.headersSent) res.destroy();
      else sendDataError(res, error instanceof DataError ? error : new DataError(10000));
    });
  };

  router.all(/^\/learnosity\/organisations\//, assets(deps));
  const withVersion = (rest: string, handle: (req: Request, res: Response) => Promise<void>) =>
    router.all(rest, (req, res, next) => {
      if (!VERSION.test(String(req.params['version']))) next();
      else guarded(handle)(req, res);
    });
  withVersion('/:version/itembank/upload/assets', async (req, res) => {
    if (req.method !== 'POST') throw new DataError(40001);
    await grantUploads(req, res);
  });
  withVersion('/:version/itembank/{*rest}', () => Promise.reject(new DataError(20012)));
  router.all(['/itembank/{*rest}', '/:version/itembank/upload/assets'], (req, res) => {
    hearOut(req, res);
    res
      .status(404)
      .type('text/plain')
      .send('Invalid request, see the documentation of the upload/assets endpoint for further information');
  });
  return router;
}
