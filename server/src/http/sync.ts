import type { Id } from '@cambium/protocol';
import { parseSyncRequest, Refusal } from '@cambium/protocol';
import { Router } from 'express';
import { serverId } from '../database/identity.ts';
import { pull, type Pulled } from '../sync/pull.ts';
import type { SyncAnswer, User } from '../writer/writer.ts';
import { absoluteUrls } from './base.ts';
import { parseJson, readJsonBytes } from './body.ts';
import type { HttpDeps } from './deps.ts';
import type { Readers } from './readers.ts';
import { route } from './route.ts';
import { sendJson } from './send.ts';

/** POST /api/sync: the changes of a client go in, what became of them and what others did comes out. */
export function syncRoutes(deps: HttpDeps, readers: Readers): Router {
  const { auth, db, raw, writer, publicBase } = deps;
  const router = Router();

  /** What a request without changes gets, or null when the writer has to see it. */
  async function answerAsReader(user: User, bytes: Buffer): Promise<SyncAnswer | null> {
    if (!mayBeEmpty(bytes)) return null;
    const { request } = parseSyncRequest(parseJson(bytes));
    if (request.changes.length > 0 || request.after_rev) return null;
    if (request.server_id !== undefined && request.server_id !== serverId(raw)) throw new Refusal('server_changed');
    const client = await db
      .selectFrom('client')
      .select(['last_rev', 'acked_rev'])
      .where('user', '=', user.pk)
      .where('client_id', '=', request.client_id)
      .executeTakeFirst();
    // An acknowledgement lets outcomes be forgotten, and that is the writer's to do.
    if ((request.acked_rev ?? 0) > (client?.acked_rev ?? 0)) return null;
    const { client_id, channel_revs } = request;
    return { client_id, channel_revs, results: '[]', last_rev: client?.last_rev ?? 0 };
  }

  route(router, auth, '/', {
    async post(req, res, user) {
      const bytes = await readJsonBytes(req);
      const answer = (await answerAsReader(user, bytes)) ?? (await writer.sync(user, bytes));
      const pulled = pull(raw, user, answer.channel_revs);
      readers.asked(user.pk, answer.client_id, readable(answer.channel_revs, pulled));
      sendJson(res, absoluteUrls(answerText(answer, pulled, serverId(raw)), publicBase(req)));
    },
  });

  return router;
}

/** The cursors that were sent of channels that may be read and gone on with. */
function readable(sent: Readonly<Record<Id, number>>, pulled: Pulled): Record<Id, number> {
  return Object.fromEntries(Object.keys(pulled.channel_revs).map((id) => [id, sent[id] as number]));
}

/** Reads only, as most requests are, need no turn of the writer. A cheap look, so that large batches are parsed once. */
function mayBeEmpty(bytes: Buffer): boolean {
  const at = bytes.indexOf('"changes"');
  if (at < 0) return true;
  return /^"changes"\s*:\s*\[\s*\]/.test(bytes.toString('latin1', at, at + 64));
}

/** The log's entries are stored as the text that is delivered: the answer is put together, never parsed. */
function answerText(answer: SyncAnswer, pulled: Pulled, server: Id): string {
  const rest = {
    channel_revs: pulled.channel_revs,
    more: pulled.more,
    server_id: server,
    last_rev: answer.last_rev,
    ...(pulled.unavailable ? { unavailable: pulled.unavailable } : {}),
    ...(pulled.snapshot_required ? { snapshot_required: pulled.snapshot_required } : {}),
  };
  return `{"results":${answer.results},"changes":[${pulled.changes.join(',')}],${JSON.stringify(rest).slice(1)}`;
}
