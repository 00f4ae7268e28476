import { newId, normalizeId, Refusal, type Role } from '@cambium/protocol';
import { Router } from 'express';
import { requireAccess } from '../tables/read/access.ts';
import { listChannels, listMembers, readChannel } from '../tables/read/channels.ts';
import { completeness } from '../tables/read/totals.ts';
import { answerOnce } from './answer.ts';
import { readJsonObject } from './body.ts';
import { idFor, toMods } from './commit.ts';
import type { HttpDeps } from './deps.ts';
import { idParam, queryInteger, queryText } from './param.ts';
import { route } from './route.ts';
import { sendRows, setRev } from './send.ts';

const ROLES: readonly string[] = ['viewer', 'editor', 'owner'] satisfies Role[];

/** `/api/channel`: channels, their members, publishing. What belongs to the log is in `log.ts`. */
export function channelRoutes(deps: HttpDeps): Router {
  const { auth, db, writer, publicBase, clock, random } = deps;
  const router = Router();

  route(router, auth, '/', {
    async get(req, res, user) {
      const after = queryText(req, 'after');
      const limit = queryInteger(req, 'limit', 1, 1000) ?? 100;
      if (after !== null && normalizeId(after) === null) throw new Refusal('invalid_value', { field: 'after' });
      res.json(await listChannels(db, user, { after: normalizeId(after), limit }));
    },
    async post(req, res, user) {
      const body = await readJsonObject(req);
      const { id: given, ...obj } = body;
      const id = normalizeId(given ?? idFor(req, user, () => newId(clock.now(), random)));
      if (id === null) throw new Refusal('invalid_value', { field: 'id', message: 'That is not an id.' });
      await answerOnce(deps, { req, res, user, body }, async ({ commit }) => {
        await commit({ type: 'CREATED', table: 'channel', key: id, channel_id: id, obj });
        return { status: 201, body: await readChannel(db, user, id) };
      });
    },
  });

  route(router, auth, '/:id', {
    async get(req, res, user) {
      const access = await requireAccess(db, user, idParam(req), 'viewer');
      setRev(res, access);
      sendRows(publicBase, req, res, await readChannel(db, user, access.id));
    },
    async patch(req, res, user) {
      const id = idParam(req);
      const body = await readJsonObject(req);
      await answerOnce(deps, { req, res, user, body }, async ({ commit }) => {
        await requireAccess(db, user, id, 'editor');
        const mods = toMods(body);
        if (Object.keys(mods).length > 0)
          await commit({ type: 'UPDATED', table: 'channel', key: id, channel_id: id, mods });
        return { status: 200, body: await readChannel(db, user, id) };
      });
    },
    async delete(req, res, user) {
      const id = idParam(req);
      await answerOnce(deps, { req, res, user, body: null }, async ({ commit, isRepeated }) => {
        if (!isRepeated) {
          await requireAccess(db, user, id, 'owner');
          await commit({ type: 'DELETED', table: 'channel', key: id, channel_id: id });
        }
        return { status: 204, body: null };
      });
    },
  });

  route(router, auth, '/:id/publish', {
    async post(req, res, user) {
      const id = idParam(req);
      await answerOnce(deps, { req, res, user, body: null }, async ({ commit }) => {
        await requireAccess(db, user, id, 'editor');
        await commit({ type: 'PUBLISHED', table: 'channel', key: id, channel_id: id });
        const { version } = await readChannel(db, user, id);
        const { complete, incomplete } = await completeness(db, id);
        return { status: 200, body: { version, published: complete, incomplete } };
      });
    },
  });

  route(router, auth, '/:id/members', {
    async get(req, res, user) {
      const { pk } = await requireAccess(db, user, idParam(req), 'viewer');
      res.json(await listMembers(db, pk));
    },
  });

  route(router, auth, '/:id/members/:user', {
    async put(req, res, user) {
      const { id, pk } = await requireAccess(db, user, idParam(req), 'owner');
      const { role } = await readJsonObject(req);
      if (role === undefined) throw new Refusal('missing_field', { field: 'role' });
      if (typeof role !== 'string' || !ROLES.includes(role)) {
        throw new Refusal('invalid_value', { field: 'role', message: `Must be one of ${ROLES.join(', ')}.` });
      }
      const member = idParam(req, 'user');
      await writer.command('member.set', { by: user.pk, channel: id, user: member, role: role as Role });
      res.json((await listMembers(db, pk)).find(({ user_id }) => user_id === member));
    },
    async delete(req, res, user) {
      const { id } = await requireAccess(db, user, idParam(req), 'viewer');
      const member = idParam(req, 'user');
      // Anybody may leave; only an owner may send somebody else away.
      if (member !== user.id) await requireAccess(db, user, id, 'owner');
      const by = member === user.id ? null : user.pk;
      await writer.command('member.remove', { by, channel: id, user: member });
      res.status(204).end();
    },
  });

  return router;
}
