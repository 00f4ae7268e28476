import {
  Refusal,
  normalizeId,
  parseWrite,
  protocolError,
  type ChangeResult,
  type LogEntry,
  type ProtocolError,
} from '@cambium/protocol';
import { statement } from '../database/statement.ts';
import type { CommitRequest, CommitResult, User, Write } from '../writer/writer.ts';
import { applyOne, type Applied } from './applyOne.ts';
import { mayMake, mayTry } from './rights.ts';
import type { Work } from './work.ts';

/** How long the answer to a keyed request is kept. */
const KEPT_MS = 24 * 60 * 60 * 1000;

interface KeptAnswer {
  digest: Uint8Array;
  body: string;
}

const RECALL = `SELECT digest, body FROM idempotency WHERE user = ? AND key = ? AND expires > ?`;
const KEEP = `INSERT OR REPLACE INTO idempotency(user, key, digest, status, body, expires) VALUES(?, ?, ?, ?, ?, ?)`;
const EXPIRE = `DELETE FROM idempotency WHERE user = ? AND expires <= ?`;

/**
 * Writes of REST, or of the server itself: all apply or none does. `rev` of a result is the place of its write, from 1.
 * Under an idempotency key the answer is kept in the same transaction, so a request sent again changes nothing.
 */
export function commit(work: Work, request: CommitRequest): CommitResult {
  const kept = recall(work, request);
  if (kept) return kept;
  const result = commitOnce(work, request);
  keep(work, request, result);
  return result;
}

function commitOnce(work: Work, { user, writes, authority }: CommitRequest): CommitResult {
  const mark = work.mark();
  const results: ChangeResult[] = [];
  const entries: LogEntry[] = [];
  for (const [index, write] of writes.entries()) {
    const judged = judge(work, user, write, authority);
    if (!judged.ok) {
      work.rollback(mark);
      return { ok: false, results: refuse(writes.length, index, judged.errors) };
    }
    results.push({ rev: index + 1, status: 'applied', server_rev: judged.server_rev, ...judged.more });
    for (const entry of judged.entries) entries.push(JSON.parse(entry) as LogEntry);
  }
  return { ok: true, results, entries };
}

/** The one that was refused says why; the others failed with it. */
function refuse(count: number, culprit: number, errors: ProtocolError[]): ChangeResult[] {
  return Array.from({ length: count }, (_, index) => ({
    rev: index + 1,
    status: 'rejected' as const,
    errors: index === culprit ? errors : [protocolError('group_failed')],
  }));
}

type Verdict = (Applied & { more: object }) | { ok: false; errors: ProtocolError[] };

function judge(work: Work, user: User, write: Write, authority: 'user' | 'system'): Verdict {
  const channel = normalizeId(write['channel_id']);
  if (authority === 'user' && channel !== null && !mayTry(work.store, write, channel, user)) {
    const code = work.store.members.mayView(channel, user) ? 'forbidden' : 'not_found';
    return { ok: false, errors: [protocolError(code)] };
  }
  const parsed = parseWrite(write, authority);
  if (!parsed.ok) return parsed;
  if (authority === 'user' && !mayMake(work.store, parsed.change, user)) {
    return { ok: false, errors: [protocolError('forbidden')] };
  }
  const sender = { author: user, authority, client_id: null, rev: null } as const;
  const judged = applyOne(work, parsed.change, sender, parsed.ignored);
  if (!judged.ok) return judged;
  return { ...judged, more: JSON.parse(`{${judged.extras.slice(1)}}`) as object };
}

function recall(work: Work, { user, idempotency }: CommitRequest): CommitResult | undefined {
  if (!idempotency) return undefined;
  const found = statement<unknown[], KeptAnswer>(work.db, RECALL).get(user.pk, idempotency.key, work.now());
  if (!found) return undefined;
  if (Buffer.compare(found.digest, idempotency.digest) === 0) return JSON.parse(found.body) as CommitResult;
  throw new Refusal('rev_reused', { message: 'This idempotency key was used for another request.' });
}

function keep(work: Work, { user, idempotency }: CommitRequest, result: CommitResult): void {
  if (!idempotency) return;
  const now = work.now();
  statement(work.db, EXPIRE).run(user.pk, now);
  const expires = new Date(Date.parse(now) + KEPT_MS).toISOString();
  const status = result.ok ? 200 : 400;
  const body = JSON.stringify(result);
  statement(work.db, KEEP).run(user.pk, idempotency.key, idempotency.digest, status, body, expires);
}
