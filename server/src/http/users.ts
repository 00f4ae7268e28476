import { Refusal, type JsonObject } from '@cambium/protocol';
import { Router } from 'express';
import { DEFAULT_STORAGE_LIMIT } from '../writer/users.ts';
import type { Writer } from '../writer/writer.ts';
import { readJsonObject } from './body.ts';
import type { HttpDeps } from './deps.ts';
import { route } from './route.ts';

/** `/api/user`: the admin makes users, everybody reads what is known of oneself. */
export function userRoutes({ auth, db, writer, storageUsed }: HttpDeps): Router {
  const router = Router();

  route(router, auth, '/', {
    async post(req, res, user) {
      const body = await readJsonObject(req);
      if (!user.admin) throw new Refusal('forbidden', { message: 'Only the administrator makes users.' });
      res.status(201).json(await addUser(writer, body));
    },
  });

  route(router, auth, '/me', {
    async get(_req, res, user) {
      const { storage_limit } = await db
        .selectFrom('user')
        .select('storage_limit')
        .where('pk', '=', user.pk)
        .executeTakeFirstOrThrow();
      res.json({ id: user.id, username: user.username, storage_limit, storage_used: storageUsed(user) });
    },
  });

  return router;
}

/** Makes a user with a first token: `{id, username, token, storage_limit}`. Throws refusals that name the field. */
export async function addUser(writer: Writer, input: JsonObject): Promise<JsonObject> {
  const { user, token, storage_limit } = await writer.command('user.add', newUser(input));
  return { id: user.id, username: user.username, token, storage_limit };
}

function newUser(body: JsonObject): { username: string; storage_limit: number } {
  const { username } = body;
  const limit = body['storage_limit'] ?? DEFAULT_STORAGE_LIMIT;
  if (username === undefined || username === null) throw new Refusal('missing_field', { field: 'username' });
  if (typeof username !== 'string' || !/^[^\s\p{C}](?:[^\p{C}]{0,148}[^\s\p{C}])?$/u.test(username)) {
    throw new Refusal('invalid_value', {
      field: 'username',
      message: 'A name has 1 to 150 characters and no space at its ends.',
    });
  }
  if (typeof limit !== 'number' || !Number.isSafeInteger(limit) || limit < 0) {
    throw new Refusal('invalid_value', { field: 'storage_limit', message: 'A limit is a whole number of bytes.' });
  }
  return { username, storage_limit: limit };
}
