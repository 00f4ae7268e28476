import { normalizeId, parseWrite, Refusal, type Id, type JsonObject, type ProtocolError } from '@cambium/protocol';
import type { Request, Response } from 'express';
import type { User, Write } from '../writer/writer.ts';
import type { FilesDeps } from './deps.ts';
import { fileJson, selectFiles, selectVisibleFiles } from './records.ts';

/** `PATCH` and `DELETE /api/file/{id}`: changes like any other, so that offline clients see them. */
export function editRoutes({ auth, readJson, readDb, answerOnce }: FilesDeps) {
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
    const found = await owner.where('c.deleted', '=', 0).select('c.id').executeTakeFirst();
    if (!found) throw new Refusal('not_found', { field: node === null ? 'assessment_item' : 'contentnode' });
    return found.id;
  }

  /** Who may see a file that hangs nowhere may change it, the administrator too; of a channel's files its members decide. */
  const authorityOf = (file: { channel_id: Id | null }, user: User) =>
    user.admin && file.channel_id === null ? 'system' : 'user';

  return {
    update: async (req: Request, res: Response): Promise<void> => {
      const user = await auth(req);
      const body = await readJson(req);
      await answerOnce({ req, res, user, body }, async ({ commit }) => {
        const { id: _id, ...mods } = body;
        const file = await find(req, user);
        const channel = file.channel_id ?? (await channelOf(mods));
        const channel_id = channel === null ? {} : { channel_id: channel };
        const write = { type: 'UPDATED', table: 'file', key: file.id, ...channel_id, mods } as Write;
        // The system may write more than any user: what it writes for one is judged as that user's before.
        const parsed = parseWrite(write, 'user');
        if (!parsed.ok) throw refusalOf(parsed.errors);
        await commit(write, authorityOf(file, user));
        // Whoever detaches somebody else's file sees it this once more.
        const row = await selectFiles(readDb).where('f.id', '=', file.id).executeTakeFirst();
        if (!row) throw new Refusal('not_found');
        return { status: 200, body: fileJson(row, '') };
      });
    },

    remove: async (req: Request, res: Response): Promise<void> => {
      const user = await auth(req);
      await answerOnce({ req, res, user, body: {} }, async ({ commit, isRepeated }) => {
        if (!isRepeated) {
          const file = await find(req, user);
          const channel = file.channel_id === null ? {} : { channel_id: file.channel_id };
          await commit({ type: 'DELETED', table: 'file', key: file.id, ...channel } as Write, authorityOf(file, user));
        }
        return { status: 200, body: { status: 'success' } };
      });
    },
  };
}

function refusalOf(errors: readonly ProtocolError[]): Refusal {
  const [error] = errors;
  if (!error) throw new Error('a refusal without an error');
  return new Refusal(error.code, error);
}
