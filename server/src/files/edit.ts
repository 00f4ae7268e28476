import { createHash } from 'node:crypto';
import { normalizeId, Refusal, type Id, type JsonObject } from '@cambium/protocol';
import type { Request, Response } from 'express';
import type { CommitRequest, User, Write } from '../writer/writer.ts';
import { assertApplied } from './commit.ts';
import type { FilesDeps } from './deps.ts';
import { fileJson, selectFiles, selectVisibleFiles } from './records.ts';

/** `PATCH` and `DELETE /api/file/{id}`: changes like any other, so that offline clients see them. */
export function editRoutes({ auth, readJson, readDb, commit, publicBase }: FilesDeps) {
  async function find(req: Request, user: User) {
    const id = normalizeId(req.params['id']);
    const file =
      id === null ? undefined : await selectVisibleFiles(readDb, user).where('f.id', '=', id).executeTakeFirst();
    if (!file) throw new Refusal('not_found');
    return file;
  }

  /** The channel of the node or item that the file is to hang on, or null when it is to hang on nothing. */
  async function channelOf(mods: JsonObject): Promise<Id | null> {
    const node = normalizeId(mods['contentnode']);
    const item = normalizeId(mods['assessment_item']);
    if (node === null && item === null) return null;
    const owner =
      node === null
        ? readDb
            .selectFrom('assessmentitem as o')
            .innerJoin('channel as c', 'c.pk', 'o.channel')
            .where('o.id', '=', item)
        : readDb.selectFrom('node as o').innerJoin('channel as c', 'c.pk', 'o.channel').where('o.id', '=', node);
    const found = await owner.select('c.id').executeTakeFirst();
    if (!found) throw new Refusal('not_found', { field: node === null ? 'assessment_item' : 'contentnode' });
    return found.id;
  }

  return {
    update: async (req: Request, res: Response): Promise<void> => {
      const user = await auth(req);
      const body = await readJson(req);
      const { id: _id, ...mods } = body;
      const file = await find(req, user);
      const channel = file.channel_id ?? (await channelOf(mods));
      const write = {
        type: 'UPDATED',
        table: 'file',
        key: file.id,
        ...(channel && { channel_id: channel }),
        mods,
      } as Write;
      assertApplied(await commit({ user, authority: 'user', writes: [write], ...idempotency(req, body) }));
      // Whoever detaches somebody else's file sees it this once more.
      const row = await selectFiles(readDb).where('f.id', '=', file.id).executeTakeFirst();
      if (!row) throw new Refusal('not_found');
      res.json(fileJson(row, publicBase(req)));
    },

    remove: async (req: Request, res: Response): Promise<void> => {
      const user = await auth(req);
      const file = await find(req, user);
      const channel = file.channel_id === null ? {} : { channel_id: file.channel_id };
      const write = { type: 'DELETED', table: 'file', key: file.id, ...channel } as Write;
      assertApplied(await commit({ user, authority: 'user', writes: [write], ...idempotency(req, {}) }));
      res.json({ status: 'success' });
    },
  };
}

function idempotency(req: Request, body: JsonObject): Pick<CommitRequest, 'idempotency'> {
  const key = req.headers['idempotency-key'];
  if (typeof key !== 'string') return {};
  const text = JSON.stringify([req.method, req.path, body]);
  return { idempotency: { key, digest: createHash('sha256').update(text).digest() } };
}
