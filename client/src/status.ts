import type { Id } from '@cambium/protocol';
import { countAside } from './changes/aside.ts';
import { getMeta } from './database/meta.ts';
import type { Queue } from './database/queue.ts';
import type { Phase } from './sync/machine.ts';

/** Waiting longer than this without an answer is no ordinary delay, in milliseconds. */
const LONG = 60_000;

/**
 * Why nothing moves: `offline` and `unauthorized` as in `phase`; `unreachable`: no answer comes; `blocked`: the server
 * fails on one change; `unavailable`: the server does not show the channel; `refused`: the server refuses to sync at
 * all; `idle`: nobody is sending, so something has to call `sync()`.
 */
export type StallReason = 'offline' | 'unauthorized' | 'unreachable' | 'blocked' | 'unavailable' | 'refused' | 'idle';

/** How things stand. Times are milliseconds since 1970, or null. */
export interface SyncStatus {
  phase: Phase;
  /** Changes that base does not contain yet. */
  pending: number;
  /** How many of those were set aside: they are kept, and sent when somebody says so. */
  aside: number;
  oldestPendingAt: number | null;
  /** When the server last judged a change of this client. */
  lastAckAt: number | null;
  /** The change on which the server fails. */
  blockedBy: number | null;
  /** Set when the oldest change has been waiting for too long, whatever the phase says. */
  stalled?: StallReason;
}

/** What the sync of this tab knows of itself. */
export interface SyncView {
  phase: Phase;
  /** Did the last run end because no answer came (rather than because of a bad one)? */
  failure: 'unreachable' | 'refused' | null;
}

/** The one place that says how things stand. Reads the database: all tabs come to the same answer. */
export async function readStatus(queue: Queue, view: SyncView): Promise<SyncStatus> {
  const { db } = queue;
  const aside = await countAside(queue);
  const oldest = await db.pending
    .orderBy('rev')
    .filter((record) => record.aside !== true)
    .first();
  const status: SyncStatus = {
    phase: view.phase,
    pending: await db.pending.count(),
    aside,
    oldestPendingAt: oldest?.created_at ?? null,
    lastAckAt: (await getMeta(db, 'last_ack_at')) ?? null,
    blockedBy: (await getMeta(db, 'blocked_by')) ?? null,
  };
  const stalled = oldest ? await stallReason(queue, status, view, oldest.channel_id) : null;
  return stalled === null ? status : { ...status, stalled };
}

async function stallReason(queue: Queue, status: SyncStatus, view: SyncView, channel: Id): Promise<StallReason | null> {
  const waited = queue.deps.clock.now() - Math.max(status.oldestPendingAt ?? 0, status.lastAckAt ?? 0);
  // Many changes take their time; while answers come, nothing is stuck.
  if (waited < LONG) return status.blockedBy === null ? null : 'blocked';
  if (status.blockedBy !== null) return 'blocked';
  if (view.phase === 'offline' || view.phase === 'unauthorized') return view.phase;
  if ((await queue.db.cursor.get(channel))?.unavailable === true) return 'unavailable';
  if (view.failure !== null) return view.failure;
  return view.phase === 'idle' ? 'idle' : 'unreachable';
}
