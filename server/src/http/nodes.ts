import { newId, normalizeId, Refusal } from '@cambium/protocol';
import { Router, type Request } from 'express';
import type { User } from '../writer/writer.ts';
import { requireAccess, requireNodeAccess, type Access } from '../tables/read/access.ts';
import { listNodes, readNode } from '../tables/read/nodes.ts';
import { listRequisites } from '../tables/read/requisites.ts';
import { channelSize } from '../tables/read/totals.ts';
import { answerOnce } from './answer.ts';
import { readJsonObject } from './body.ts';
import { idFor, toMods } from './commit.ts';
import type { HttpDeps } from './deps.ts';
import { idParam, queryText } from './param.ts';
import { route } from './route.ts';
import type { SearchIndex } from './search-index.ts';
import { sendRows, setRev } from './send.ts';

/** `/api/contentnode`. Every write joins the log of its channel. */
export function nodeRoutes(deps: HttpDeps, searchIndex: SearchIndex): Router {
  const { auth, db, publicBase, clock, random } = deps;
  const router = Router();

  route(router, auth, '/', {
    async get(req, res, user) {
      const query = listQuery(req);
      const access = await channelOfList(deps, user, query);
      if ('search' in query) await searchIndex.fresh(access?.pk ?? null);
      if (access) setRev(res, access);
      sendRows(publicBase, req, res, await listNodes(db, user, query));
    },
    async post(req, res, user) {
      const body = await readJsonObject(req);
      const { id: given, target, position, ...obj } = body;
      const place = target ?? obj['parent'] ?? null;
      if (place === null) throw new Refusal('missing_field', { field: 'parent' });
      const beside = normalizeId(place);
      if (beside === null) throw new Refusal('invalid_value', { field: target === undefined ? 'parent' : 'target' });
      const id = normalizeId(given ?? idFor(req, user, () => newId(clock.now(), random)));
      if (id === null) throw new Refusal('invalid_value', { field: 'id', message: 'That is not an id.' });
      await answerOnce(deps, { req, res, user, body }, async ({ commit }) => {
        const { id: channel } = await requireNodeAccess(db, user, beside, 'editor');
        await commit({
          type: 'CREATED',
          table: 'contentnode',
          key: id,
          channel_id: channel,
          obj,
          ...(target === undefined ? {} : { target }),
          ...(position === undefined ? {} : { position }),
        });
        return { status: 201, body: await readNode(db, user, id) };
      });
    },
  });

  route(router, auth, '/:id', {
    async get(req, res, user) {
      const id = idParam(req);
      setRev(res, await requireNodeAccess(db, user, id, 'viewer'));
      sendRows(publicBase, req, res, await readNode(db, user, id));
    },
    async patch(req, res, user) {
      const id = idParam(req);
      const body = await readJsonObject(req);
      await answerOnce(deps, { req, res, user, body }, async ({ commit }) => {
        const { id: channel } = await requireNodeAccess(db, user, id, 'editor');
        const mods = toMods(body);
        if (Object.keys(mods).length > 0)
          await commit({ type: 'UPDATED', table: 'contentnode', key: id, channel_id: channel, mods });
        return { status: 200, body: await readNode(db, user, id) };
      });
    },
    async delete(req, res, user) {
      const id = idParam(req);
      await answerOnce(deps, { req, res, user, body: null }, async ({ commit, isRepeated }) => {
        if (!isRepeated) {
          const { id: channel } = await requireNodeAccess(db, user, id, 'editor');
          await commit({ type: 'DELETED', table: 'contentnode', key: id, channel_id: channel });
        }
        return { status: 204, body: null };
      });
    },
  });

  route(router, auth, '/:id/requisites', {
    async get(req, res, user) {
      const access = await requireNodeAccess(db, user, idParam(req), 'viewer');
      setRev(res, access);
      res.json(await listRequisites(db, access.pk));
    },
  });

  route(router, auth, '/:id/size', {
    async get(req, res, user) {
      // Only roots have a size, and a root bears the id of its channel.
      const access = await requireAccess(db, user, idParam(req), 'viewer');
      setRev(res, access);
      res.json({ size: await channelSize(db, access.pk), stale: false });
    },
  });

  return router;
}

function listQuery(req: Request): Record<string, string> {
  const query = new Map<string, string>();
  for (const name of Object.keys(req.query)) query.set(name, queryText(req, name) as string);
  return Object.fromEntries(query);
}

/** The channel that a list is about, where its filters name one that the user may view. */
async function channelOfList({ db }: HttpDeps, user: User, query: Record<string, string>): Promise<Access | null> {
  const place = ['channel_id', 'root_id', 'parent', 'ancestors_of', 'descendants_of'].find((name) => name in query);
  const id = place === undefined ? null : normalizeId(query[place]);
  if (id === null) return null;
  try {
    return await requireNodeAccess(db, user, id, 'viewer');
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}
