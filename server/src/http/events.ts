import type { Database } from 'better-sqlite3';
import { normalizeId, Refusal, type Id } from '@cambium/protocol';
import { Router, type Request } from 'express';
import { statement } from '../database/statement.ts';
import type { User } from '../writer/writer.ts';
import type { HttpDeps } from './deps.ts';
import { EventHub } from './event-hub.ts';
import { EventStream } from './event-stream.ts';
import { queryTexts } from './param.ts';
import { route } from './route.ts';

export interface Events {
  router: Router;
  /** Streams that are open. */
  count(): number;
  /** Ends streams whose user may no longer listen: to be called when tokens were revoked or users disabled. */
  recheck(): void;
  close(): void;
}

interface Head {
  id: Id;
  head: number;
}

const HEADS = `SELECT c.id, c.head FROM member m JOIN channel c ON c.pk = m.channel WHERE m.user = ? AND c.deleted = 0`;
const ALL_HEADS = `SELECT id, head FROM channel WHERE deleted = 0`;
const HEAD = `SELECT id, head FROM channel c WHERE id = @id AND deleted = 0
  AND (@admin OR EXISTS (SELECT 1 FROM member m WHERE m.channel = c.pk AND m.user = @pk))`;

/** GET /api/sync/events: server-sent events about the channels that somebody may view. */
export function eventRoutes({ auth, raw, writer, timers }: HttpDeps): Events {
  const hub = new EventHub();
  const stopListening = writer.onCommitted((committed) => hub.committed(committed));
  const router = Router();

  route(router, auth, '/', {
    async get(req, res, user) {
      const wanted = wantedChannels(req);
      // Read and subscribed in one turn of the event loop: no commit can be told in between.
      const heads = wanted ? wanted.flatMap((id) => headOf(raw, user, id)) : headsOf(raw, user);
      if (wanted && heads.length === 0) throw new Refusal('not_found');
      const stream = new EventStream(user, wanted && new Set(wanted), res, timers);
      hub.add(
        stream,
        heads.map(({ id }) => id),
      );
      res.on('close', () => {
        hub.remove(stream);
        stream.close();
      });
      for (const { id, head } of heads) stream.rev(id, head);
      const viewed = new Set(heads.map(({ id }) => id));
      for (const id of wanted ?? []) if (!viewed.has(id)) stream.role(id, null);
    },
  });

  return {
    router,
    count: () => hub.size,
    recheck: () => hub.closeUnless(({ user }) => isEnabled(raw, user)),
    close: () => {
      stopListening();
      hub.closeUnless(() => false);
    },
  };
}

/** The channels of the query, each once; null for all. What is no id names nothing that anybody may view. */
function wantedChannels(req: Request): Id[] | null {
  const given = queryTexts(req, 'channel');
  if (given.length === 0) return null;
  const ids = given.map(normalizeId).filter((id) => id !== null);
  return [...new Set(ids)];
}

function headOf(raw: Database, user: User, id: Id): Head[] {
  return statement<[object], Head>(raw, HEAD).all({ id, admin: user.admin ? 1 : 0, pk: user.pk });
}

function headsOf(raw: Database, user: User): Head[] {
  if (user.admin) return statement<[], Head>(raw, ALL_HEADS).all();
  return statement<[number], Head>(raw, HEADS).all(user.pk);
}

function isEnabled(raw: Database, user: User): boolean {
  const found = statement<[number], { open: number }>(
    raw,
    `SELECT EXISTS (SELECT 1 FROM token t JOIN user u ON u.pk = t.user WHERE u.pk = ? AND u.disabled = 0) AS open`,
  ).get(user.pk);
  return found?.open === 1;
}
