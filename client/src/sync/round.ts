import { type Id, PROTOCOL, Refusal, type SyncRequest, type SyncResponse } from '@cambium/protocol';
import { getMeta } from '../database/meta.ts';
import { absorb } from '../replica/absorb.ts';
import { BrokenReplica } from '../replica/rebase.ts';
import { ackedRev, type Batch, freezeBatch } from './batch.ts';
import { emptyBase } from '../replica/empty-base.ts';
import { channelRevs, channelsWithoutBase, type Cursors, demandSnapshot, isUnborn, noteChannels } from './channels.ts';
import { fetchCopiedRows } from './copied-rows.ts';
import { ServerFailure } from './failure.ts';
import { becomeAnother, isCloned, noteServer, noteServerChanged } from './recover.ts';
import { noteFailedChange, noteFailure, noteSuccess } from './patience.ts';
import type { Session } from './session.ts';
import { takeSnapshot } from './snapshot.ts';
import { noteTurn } from './turns.ts';
import { verifyToken } from './verify.ts';

/** Beginnings anew in a row after which the next one has to wait. */
const TIRED = 3;

/**
 * One exchange with the server:
 *
 * 1. the token is this user's
 * 2. channels without a base get a snapshot
 * 3. the oldest changes without an answer are frozen and sent, with the cursors
 * 4. the answer goes in: verdicts, entries, cursors, in one transaction
 *
 * @returns whether there is reason for another one at once
 * @throws what stopped it; nothing is lost, and it may be started again
 */
export async function syncRound(session: Session): Promise<boolean> {
  await verifyToken(session);
  // The first request only listens: it is there to learn whether this database or the server's is another one now.
  const batch = session.greeted ? await prepare(session) : { changes: [] };
  const cursors = await channelRevs(session, batch, session.turns);
  const request = await compose(session, batch, cursors);
  const answer = await exchange(session, request, batch);
  if (answer === null) return true;
  const goesOn = await take(session, request, answer, batch);
  noteTurn(session.turns, cursors, answer.more);
  return goesOn || session.turns.done < cursors.total;
}

async function prepare(session: Session): Promise<Batch> {
  for (const channel of await channelsWithoutBase(session)) await snapshotOf(session, channel);
  return freezeBatch(session);
}

async function snapshotOf(session: Session, channel: Id): Promise<void> {
  try {
    await takeSnapshot(session, session.transport, channel);
  } catch (error) {
    if (!(error instanceof Refusal) || error.error.code !== 'not_found') throw error;
    if (await isUnborn(session, channel)) await emptyBase(session, channel);
    else await session.db.cursor.update(channel, { unavailable: true });
  }
}

async function compose(session: Session, batch: Batch, cursors: Cursors): Promise<SyncRequest> {
  const { db } = session;
  const server_id = await getMeta(db, 'server_id');
  return {
    client_id: (await getMeta(db, 'client_id')) as Id,
    protocol: PROTOCOL,
    changes: batch.changes as unknown as NonNullable<SyncRequest['changes']>,
    channel_revs: cursors.revs,
    acked_rev: await ackedRev(session),
    ...(batch.after_rev !== undefined && { after_rev: batch.after_rev }),
    ...(server_id !== undefined && { server_id }),
  };
}

/** Null: the server is not the one that this client knew, and the next round has to begin anew. */
async function exchange(session: Session, request: SyncRequest, batch: Batch): Promise<SyncResponse | null> {
  try {
    return await session.transport.post<SyncResponse>('/api/sync', request);
  } catch (error) {
    const code = error instanceof Refusal ? error.error.code : null;
    if (code === 'server_changed' || code === 'out_of_order') {
      await noteServerChanged(session);
      session.restarts += 1;
      if (session.restarts < TIRED) return null;
      // It says so again although this client began anew: to ask at once would be to ask for ever.
      throw error;
    }
    await noteFailure(session, error, batch);
    throw error;
  }
}

async function take(session: Session, request: SyncRequest, answer: SyncResponse, batch: Batch): Promise<boolean> {
  const entries = await fetchCopiedRows(session.transport, answer.changes);
  await noteServer(session, answer);
  const cloned = await isCloned(session, answer);
  const results = cloned ? answer.results.filter((result) => !isReused(result)) : answer.results;
  const news = await takeIn(session, { client_id: request.client_id, results, entries });
  await noteChannels(session, answer, request);
  if (session.greeted) session.restarts = 0;
  session.greeted = true;
  if (cloned) {
    await becomeAnother(session);
    return true;
  }
  await noteFailedChange(session, answer, batch);
  if (batch.changes.length > 0 && answer.results.length === 0) {
    const error = new ServerFailure(502, 'the server left every change unanswered');
    await noteFailure(session, error, batch);
    throw error;
  }
  if (batch.changes.length > 0) await noteSuccess(session, batch);
  return news > 0 || answer.more || (await hasMore(session));
}

async function takeIn(session: Session, incoming: Parameters<typeof absorb>[1]): Promise<number> {
  try {
    return await absorb(session, incoming);
  } catch (error) {
    if (!(error instanceof BrokenReplica)) throw error;
    await demandSnapshot(session, error.channel);
    return 1;
  }
}

function isReused(result: SyncResponse['results'][number]): boolean {
  return result.status === 'rejected' && result.errors.some(({ code }) => code === 'rev_reused');
}

/** Is there anything that could be sent or fetched right away? */
async function hasMore(session: Session): Promise<boolean> {
  if ((await channelsWithoutBase(session)).length > 0) return true;
  const cursors = await session.db.cursor.toArray();
  const closed = new Set(cursors.filter(({ unavailable }) => unavailable).map(({ channel_id }) => channel_id));
  const next = await session.db.pending
    .orderBy('rev')
    .filter(({ state, aside, channel_id }) => state !== 'applied' && aside !== true && !closed.has(channel_id))
    .first();
  return next !== undefined;
}
