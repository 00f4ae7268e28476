import type { Id } from '@cambium/protocol';
import { getMeta } from '../database/meta.ts';
import { type Queue, transactQueue } from '../database/queue.ts';
import type { PendingRecord, RawChange } from '../database/records.ts';

/** Changes and characters that one request carries; a group that reaches beyond is still sent as a whole. */
export const MOST_CHANGES = 1000;
const MOST_CHARACTERS = 4 * 1024 * 1024;

export interface Batch {
  changes: RawChange[];
  /** The rev that the server must have seen before; absent where that cannot be said. */
  after_rev?: number;
}

/**
 * Chooses what is sent next and freezes it: from now on the server may have it, so it is never changed again. Starts at
 * the lowest rev without an answer, whoever sent it before. Never cuts a group.
 */
export function freezeBatch(outer: Queue): Promise<Batch> {
  return transactQueue(outer, async (queue) => {
    const limit = Math.min((await getMeta(queue.db, 'batch_limit')) ?? MOST_CHANGES, MOST_CHANGES);
    const closed = await closedChannels(queue);
    const records = await choose(queue, limit, closed);
    const frozen = records.filter(({ state }) => state === 'queued');
    for (const record of frozen) record.state = 'sent';
    if (frozen.length > 0) await queue.db.pending.bulkPut(frozen);
    const first = records[0]?.rev;
    const answered = (await getMeta(queue.db, 'answered')) ?? 0;
    return {
      changes: records.map(({ change }) => change),
      ...(first !== undefined && answered < first && { after_rev: answered }),
    };
  });
}

/** Nothing is sent to channels that the server does not show. */
async function closedChannels(queue: Queue): Promise<Set<Id>> {
  const cursors = await queue.db.cursor.toArray();
  return new Set(cursors.filter(({ unavailable }) => unavailable).map(({ channel_id }) => channel_id));
}

async function choose(queue: Queue, limit: number, closed: ReadonlySet<Id>): Promise<PendingRecord[]> {
  const chosen: PendingRecord[] = [];
  let characters = 0;
  for (let from = 0; ;) {
    const page = await queue.db.pending.where('rev').above(from).limit(MOST_CHANGES).toArray();
    for (const record of page) {
      if (record.state === 'applied' || record.aside || closed.has(record.channel_id)) continue;
      characters += JSON.stringify(record.change).length;
      const isFull = chosen.length >= limit || characters > MOST_CHARACTERS;
      if (isFull && chosen.length > 0 && !continuesGroup(chosen, record)) return chosen;
      chosen.push(record);
    }
    const last = page.at(-1);
    if (!last || page.length < MOST_CHANGES) return chosen;
    from = last.rev;
  }
}

function continuesGroup(chosen: PendingRecord[], next: PendingRecord): boolean {
  return next.group !== undefined && chosen.at(-1)?.group === next.group;
}

/** The rev up to which the server may forget outcomes: below everything that is still held. */
export async function ackedRev(queue: Queue): Promise<number> {
  const oldest = await queue.db.pending.orderBy('rev').first();
  return (oldest?.rev ?? (await getMeta(queue.db, 'next_rev')) ?? 1) - 1;
}
