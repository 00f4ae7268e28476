import { newId, normalizeId, Refusal, type Role } from '@cambium/protocol';
import { Router } from 'express';
import { requireAccess } from '../tables/read/access.ts';
import { listChannels, listMembers, readChannel } from '../tables/read/channels.ts';
import { completeness } from '../tables/read/totals.ts';
import { readJsonObject } from './body.ts';
import { commitWrite, idFor, isRepeated, toMods } from './commit.ts';
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
      const { id: given, ...obj } = await readJsonObject(req);
      const id = normalizeId(given ?? idFor(req, user, () => newId(clock.now(), random)));
      if (id === null) throw new Refusal('invalid_value', { field: 'id', message: 'That is not an id.' });
      await commitWrite(writer, req, user, { type: 'CREATED', table: 'channel', key: id, channel_id: id, obj });
      sendRows(publicBase, req, res.status(201), await readChannel(db, user, id));
    },
  });

  route(router, auth, '/:id', {
    async get(req, res, user) {
      const access = await requireAccess(db, user, idParam(req), 'viewer');
      setRev(res, access);
      sendRows(publicBase, req, res, await readChannel(db, user, access.id));
    },
    async patch(req, res, user) {
      const { id } = await requireAccess(db, user, idParam(req), 'editor');
      const mods = toMods(await readJsonObject(req));
      if (Object.keys(mods).length > 0) {
        await commitWrite(writer, req, user, { type: 'UPDATED', table: 'channel', key: id, channel_id: id, mods });
      }
      sendRows(publicBase, req, res, await readChannel(db, user, id));
    },
    async delete(req, res, user) {
      const id = idParam(req);
      if (!(await isRepeated(db, clock, req, user))) {
        await requireAccess(db, user, id, 'owner');
        await commitWrite(writer, req, user, { type: 'DELETED', table: 'channel', key: id, channel_id: id });
      }
      res.status(204).end();
    },
  });

  route(router, auth, '/:id/publish', {
    async post(req, res, user) {
      const { id } = await requireAccess(db, user, idParam(req), 'editor');
      await commitWrite(writer, req, user, { type: 'PUBLISHED', table: 'channel', key: id, channel_id: id });
      const { version } = await readChannel(db, user, id);
      const { complete, incomplete } = await completeness(db, id);
      res.json({ version, published: complete, incomplete });
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
