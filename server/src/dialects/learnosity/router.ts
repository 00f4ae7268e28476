import express, { type Request, type Response, type Router } from 'express';
import { hearOut } from '../../files/index.ts';
import type { DialectDeps } from '../deps.ts';
import { isGone } from '../gone.ts';
import { assets } from './assets.ts';
import { DataError, sendDataError } from './errors.ts';
import { readForm } from './form.ts';
import { assetPath, uploadQuery } from './grant.ts';
import { RateLimit } from './rate.ts';
import { readRequest } from './request.ts';
import { verify } from './security.ts';

/** Seconds that an upload URL can be used. */
const GRANTED = 3_600;

/** Requests of one consumer, as Learnosity's own limit: clients know it, and slow down by it. */
const RATE = { most: 1_000, within: 5_000 };

const VERSION = /^(?:v\d+(?:\.\d+)*(?:\.lts|\.preview\d+)?|latest|latest-lts|developer)$/i;

const ASSETS = /^upload\/assets\/?$/i;

/** Learnosity's `/{version}/itembank/upload/assets` and the assets themselves: see docs/dialects/learnosity.md. */
export function learnosityRouter(deps: DialectDeps): Router {
  const { readDb, clock, publicBase, secret, log } = deps;
  const router = express.Router();
  const rate = new RateLimit(clock, RATE);

  async function grantUploads(req: Request, res: Response, requested: string): Promise<void> {
    const form = await readForm(req);
    const now = clock.now();
    const consumer = await verify(readDb, form, now);
    // Only what the consumer itself has signed counts: nobody else can use up its share.
    const wait = rate.take(consumer.key);
    if (wait !== null) throw new DataError(42000, undefined, wait);
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

  async function answer(req: Request, res: Response, version: string, rest: string): Promise<void> {
    if (!ASSETS.test(rest)) throw new DataError(20012);
    if (req.method !== 'POST') throw new DataError(40001);
    await grantUploads(req, res, version);
  }

  const guarded = (req: Request, res: Response, handle: () => Promise<void>) => {
    hearOut(req, res);
    handle().catch((error: unknown) => {
      if (!(error instanceof DataError) && !isGone(res))
        log.error({ request: res.locals['requestId'], err: error }, 'request failed');
      if (res.headersSent) res.destroy();
      else sendDataError(res, error instanceof DataError ? error : new DataError(10000));
    });
  };

  router.all(/^\/learnosity(?:\/|$)/, assets(deps));
  // Nothing in these addresses is decoded: a broken escape is only another name that is not there.
  router.all(/^\/(?:[^/]+\/)?itembank(?:\/|$)/i, (req, res, next) => {
    const [, version = '', rest = ''] = /^\/(?:([^/]+)\/)?itembank\/?(.*)$/i.exec(req.path) ?? [];
    if (VERSION.test(version)) guarded(req, res, () => answer(req, res, version, rest));
    else if (version === '' || ASSETS.test(rest)) refuseVersion(req, res);
    else next();
  });
  return router;
}

/** Without a version there is nobody who could answer in the Data API's words. */
function refuseVersion(req: Request, res: Response): void {
  hearOut(req, res);
  res.status(404).type('text/plain').send('Invalid request, see https://help.learnosity.com for further information');
}
