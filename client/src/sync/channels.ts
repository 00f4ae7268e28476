import { type Id, LIMITS, type SyncRequest, type SyncResponse } from '@cambium/protocol';
import { type Queue, transactQueue } from '../database/queue.ts';
import type { Batch } from './batch.ts';
import { type Asked, chooseChannels, type Turns } from './turns.ts';

/** Followed channels that have no base yet, or not any more. */
export async function channelsWithoutBase({ db }: Queue): Promise<Id[]> {
  const cursors = await db.cursor.toArray();
  return cursors
    .filter(({ snapshot, unavailable }) => snapshot !== null && !unavailable)
    .map(({ channel_id }) => channel_id);
}

export async function demandSnapshot({ db }: Queue, channel: Id): Promise<void> {
  await db.cursor
    .where('channel_id')
    .equals(channel)
    .modify((cursor) => {
      if (cursor.snapshot === null) cursor.snapshot = 'needed';
    });
}

export interface Cursors extends Asked {
  revs: Record<Id, number>;
}

/**
 * The cursors to send, as many as one request may carry. A channel that waits for a snapshot wants no entries; one that the server did not show the last
 * time is asked for all the same, which is how it is noticed when it is back.
 */
export async function channelRevs(queue: Queue, batch: Batch, turns: Turns): Promise<Cursors> {
  const unborn = await unbornChannels(queue);
  for (const { type, table, channel_id } of batch.changes)
    if (type === 'CREATED' && table === 'channel') unborn.delete(channel_id);
  const cursors = (await queue.db.cursor.orderBy('channel_id').toArray()).filter(
    ({ channel_id, snapshot, unavailable }) => !unborn.has(channel_id) && (snapshot === null || unavailable),
  );
  const urgent = cursors.length > LIMITS.cursors ? await channelsOfOwn(queue, batch) : new Set<Id>();
  const asked = chooseChannels(
    cursors.map(({ channel_id }) => channel_id),
    urgent,
    turns,
  );
  const chosen = new Set(asked.channels);
  const revs: Record<Id, number> = {};
  for (const { channel_id, rev } of cursors) if (chosen.has(channel_id)) revs[channel_id] = rev;
  return { ...asked, revs };
}

/** Channels of the changes that are sent, and of those that were applied and are not in base yet. */
async function channelsOfOwn({ db }: Queue, batch: Batch): Promise<Set<Id>> {
  const applied = await db.pending.filter(({ state }) => state === 'applied').toArray();
  return new Set([...batch.changes, ...applied].map(({ channel_id }) => channel_id));
}

/** Channels that the server does not know because their own CREATED has not reached it. */
async function unbornChannels(queue: Queue): Promise<Set<Id>> {
  const cursors = await queue.db.cursor.filter(({ rev, snapshot }) => rev === 0 && snapshot === null).toArray();
  const unborn = new Set<Id>();
  for (const { channel_id } of cursors) if (await isUnborn(queue, channel_id)) unborn.add(channel_id);
  return unborn;
}

/** Is the channel's own CREATED still waiting for the server's answer? */
export async function isUnborn({ db }: Queue, channel: Id): Promise<boolean> {
  const [created] = await db.pending.where('row').equals(`channel:${channel}`).sortBy('rev');
  return created?.change.type === 'CREATED' && created.state !== 'applied';
}

/** Notes which channels the server shows, and which it wants taken anew. */
export async function noteChannels(outer: Queue, answer: SyncResponse, request: SyncRequest): Promise<void> {
  const gone = new Set(answer.unavailable ?? []);
  const wanted = new Set(answer.snapshot_required ?? []);
  await transactQueue(outer, async (queue) => {
    const unborn = await unbornChannels(queue);
    for (const cursor of await queue.db.cursor.toArray()) {
      const { channel_id } = cursor;
      if (request.channel_revs?.[channel_id] === undefined) continue;
      const unavailable = gone.has(channel_id) && !unborn.has(channel_id);
      const snapshot = wanted.has(channel_id) ? (cursor.snapshot ?? 'needed') : cursor.snapshot;
      if (unavailable === cursor.unavailable && snapshot === cursor.snapshot) continue;
      await queue.db.cursor.update(channel_id, { unavailable, snapshot });
    }
  });
}
