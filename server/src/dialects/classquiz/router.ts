import express, { type Request, type Router } from 'express';
import type { User } from '../../writer/writer.ts';
import type { DialectDeps } from '../deps.ts';
import { selectStored, type Stored } from '../stored.ts';
import type { HashFinder } from '../xxh3.ts';
import { storageAuth } from './auth.ts';
import { downloads } from './download.ts';
import { Detail, failing, notFound } from './errors.ts';
import { privateItem, publicItem, type PublicItem } from './item.ts';
import { metaRoutes } from './meta.ts';
import { readCount, readSince } from './query.ts';
import { addRoute, endRoutes, type Handle } from './route.ts';
import { uploads } from './upload.ts';

const LAST = 50;
/** Milliseconds that an upload's answer waits for its thumbhash; later it is found in the file's metadata. */
const LOOK = 5_000;

/** ClassQuiz's storage at `/api/v1/storage`: see docs/dialects/classquiz.md. */
export function classquizRouter(deps: DialectDeps, hashes: HashFinder): Router {
  const { readDb, log, media, storageUsed } = deps;
  const auth = storageAuth(deps);
  const fail = failing(log);
  const upload = uploads(deps);
  const meta = metaRoutes(deps);
  const { download, info } = downloads(deps, hashes, fail);
  const router = express.Router();

  const route = (path: string, handlers: Parameters<typeof addRoute>[3]) => addRoute(router, fail, path, handlers);
  const of =
    (answer: (req: Request, user: User) => Promise<unknown>): Handle =>
    async (req, res) => {
      const body = await answer(req, await auth(req));
      res.setHeader('Cache-Control', 'no-store');
      res.status(200).json(body);
    };

  async function uploaded(id: string): Promise<PublicItem> {
    const file = await selectStored(readDb).where('f.id', '=', id).executeTakeFirst();
    if (!file) throw notFound();
    const facts = file.thumbhash === null ? await media.of(file.sha256, LOOK) : null;
    return publicItem({ ...file, thumbhash: file.thumbhash ?? facts?.thumbhash ?? null });
  }
  const shown = (files: Stored[]) => {
    for (const { xxh3, sha256 } of files) if (xxh3 === null) hashes.want(sha256);
    return files.map(privateItem);
  };
  const mine = (user: User) =>
    selectStored(readDb).where('f.uploaded_by', '=', user.pk).orderBy('n.added', 'desc').orderBy('n.number', 'desc');

  route('/', { post: of(async (req, user) => uploaded(await upload.form(req, user))) });
  route('/raw', { post: of(async (req, user) => uploaded(await upload.raw(req, user))) });
  route('/download/:name', { get: download, head: download });
  route('/info/:name', { get: info });
  route('/meta/:id', {
    get: of(async (req, user) => publicItem(await meta.own(req, user))),
    put: of(async (req, user) => publicItem(await meta.update(req, user))),
    delete: of(async (req, user) => {
      await meta.remove(req, user);
      return null;
    }),
  });
  route('/list', {
    get: of(async (req, user) => {
      const since = readSince(req.query['since']);
      const query = since === null ? mine(user) : mine(user).where('n.added', '>', since);
      const files = shown(await query.execute());
      if (files.length === 0) throw new Detail(404, 'No items found');
      return files;
    }),
  });
  route('/list/last', {
    get: of(async (req, user) => {
      const count = readCount(req.query['count'], LAST);
      return shown(await mine(user).limit(count).execute());
    }),
  });
  route('/limit', {
    get: of(async (_req, user) => {
      const { storage_limit: limit } = await readDb
        .selectFrom('user')
        .select('storage_limit')
        .where('pk', '=', user.pk)
        .executeTakeFirstOrThrow();
      const used = storageUsed(user);
      return { limit, limit_reached: !user.admin && used >= limit, used };
    }),
  });
  endRoutes(router, fail);
  return router;
}
