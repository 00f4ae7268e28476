import type { Id, JsonObject, Role } from '@cambium/protocol';
import { transact } from './database/open.ts';
import { type Queue, transactQueue } from './database/queue.ts';
import type { StoredChannel } from './database/rows.ts';
import { clearChannel } from './replica/clear-channel.ts';
import { pendingOf } from './replica/rebase.ts';
import { channelFromRest } from './replica/rest.ts';
import type { Transport } from './sync/transport.ts';

const PAGE = 1000;

/** Brings the list of channels up to date. Of those that are followed only the role is taken: the log tells the rest. */
export async function refreshChannels(queue: Queue, transport: Transport): Promise<void> {
  const listed: StoredChannel[] = [];
  for (let after = ''; ;) {
    const path = `/api/channel?limit=${PAGE}${after && `&after=${after}`}`;
    const { results, more } = await transport.get<{ results: JsonObject[]; more: boolean }>(path);
    listed.push(...results.map(fromList));
    const last = results.at(-1);
    if (!more || !last) break;
    after = last['id'] as Id;
  }
  await transactQueue(queue, (within) => store(within, listed));
}

function fromList(rest: JsonObject): StoredChannel {
  const row: StoredChannel = channelFromRest(rest);
  if (typeof rest['role'] === 'string') row.role = rest['role'] as Role;
  return row;
}

async function store(queue: Queue, listed: StoredChannel[]): Promise<void> {
  const { db } = queue;
  const followed = new Set((await db.cursor.toArray()).map(({ channel_id }) => channel_id));
  const names = new Set(listed.map(({ id }) => id));
  for (const old of await db.channel.toArray()) {
    const isWanted = followed.has(old.id) || names.has(old.id) || (await pendingOf(queue, old.id)).length > 0;
    if (!isWanted) await db.channel.delete(old.id);
  }
  await db.channel.bulkPut(listed.filter(({ id }) => !followed.has(id)));
  for (const { id, role } of listed) if (followed.has(id) && role !== undefined) await db.channel.update(id, { role });
}

/** From now on the channel belongs to every sync; its state is fetched with the next one. */
export async function follow(queue: Queue, channel: Id): Promise<void> {
  await transact(queue.db, async (db) => {
    const cursor = await db.cursor.get(channel);
    if (cursor && !cursor.unavailable) return;
    await db.cursor.put({
      channel_id: channel,
      rev: cursor?.rev ?? 0,
      snapshot: cursor?.snapshot ?? 'needed',
      progress: null,
      unavailable: false,
    });
  });
}

/**
 * Stops following: the channel's rows leave this device, the list keeps its name. What is queued stays queued and is
 * still sent.
 */
export async function unfollow(outer: Queue, channel: Id): Promise<void> {
  await transactQueue(outer, async (queue) => {
    const { db } = queue;
    if (!(await db.cursor.get(channel))) return;
    for (const { rev } of await pendingOf(queue, channel)) {
      await db.undo.where('[rev+part]').between([rev, 0], [rev, Infinity], true, true).delete();
    }
    await clearChannel(db, channel);
    await db.cursor.delete(channel);
  });
}
