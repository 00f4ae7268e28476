import { createHash } from 'node:crypto';
import { Refusal, type Json } from '@cambium/protocol';
import type { Request, Response } from 'express';
import type { CommitRequest, User, Write } from '../writer/writer.ts';
import { idempotencyKey, refusalOf } from './commit.ts';
import type { HttpDeps } from './deps.ts';
import { sendRows } from './send.ts';

/** What a request is answered; without a body when that is null. Addresses in it have no host yet. */
export interface Answer {
  status: 200 | 201 | 204;
  body: Json | object;
}

export interface Once {
  /** Commits the request's one write, as the user or in the name of the system. Throws what it was refused for. */
  commit(write: Write, authority?: CommitRequest['authority']): Promise<void>;
  /** The same request was carried out before, by its key; only its answer was lost on the way. */
  isRepeated: boolean;
}

export type AnswerDeps = Pick<HttpDeps, 'db' | 'clock' | 'writer' | 'publicBase'>;

interface Kept {
  digest: Uint8Array;
  status: number;
  answer: string | null;
}

/**
 * Answers a request that writes. One that comes again under its `Idempotency-Key` within 24 h gets the very answer of
 * its first time, whatever became of the rows since. The answer is kept before it is sent: what was never answered may
 * be answered anew.
 *
 * @param body what the request says besides its address
 */
export async function answerOnce(
  deps: AnswerDeps,
  { req, res, user, body }: { req: Request; res: Response; user: User; body: Json },
  run: (once: Once) => Promise<Answer>,
): Promise<void> {
  const key = idempotencyKey(req);
  const digest = createHash('sha256')
    .update(JSON.stringify([req.method, req.baseUrl + req.path, body]))
    .digest();
  const kept = key === null ? undefined : await findKept(deps, user, key);
  if (kept && !digest.equals(kept.digest)) {
    throw new Refusal('rev_reused', { message: 'This idempotency key was used for another request.' });
  }
  if (kept?.answer) return send(deps, req, res, JSON.parse(kept.answer) as Answer);

  const answer = await run({
    isRepeated: kept?.status === 200,
    commit: async (write, authority = 'user') => {
      const idempotency = key === null ? {} : { idempotency: { key, digest } };
      const result = await deps.writer.commit({ user, writes: [write], authority, ...idempotency });
      if (!result.ok) throw refusalOf(result.results);
    },
  });
  if (key === null) return send(deps, req, res, answer);
  const first = await deps.writer.command('answer.keep', { user: user.pk, key, answer: JSON.stringify(answer) });
  return send(deps, req, res, first === null ? answer : (JSON.parse(first) as Answer));
}

async function findKept({ db, clock }: AnswerDeps, user: User, key: string): Promise<Kept | undefined> {
  return db
    .selectFrom('idempotency')
    .select(['digest', 'status', 'answer'])
    .where('user', '=', user.pk)
    .where('key', '=', key)
    .where('expires', '>', new Date(clock.now()).toISOString())
    .executeTakeFirst();
}

function send({ publicBase }: AnswerDeps, req: Request, res: Response, { status, body }: Answer): void {
  res.status(status);
  if (status === 204) res.end();
  else sendRows(publicBase, req, res, body);
}
