import { Refusal } from '@cambium/protocol';
import { getMeta, setMeta } from '../database/meta.ts';
import { transact } from '../database/open.ts';
import type { Queue } from '../database/queue.ts';

/**
 * Leaves a change out of what is sent, so that those behind it get through. It keeps its rev: whether the server has
 * done it is unknown, and under the same rev it is done once.
 */
export function setAside(queue: Queue, rev: number): Promise<void> {
  return transact(queue.db, async (db) => {
    if ((await db.pending.update(rev, { aside: true })) === 0 && !(await db.pending.get(rev)))
      throw new Refusal('not_found');
    await setMeta(db, 'aside', [...new Set([...((await getMeta(db, 'aside')) ?? []), rev])]);
    if ((await getMeta(db, 'blocked_by')) === rev) await setMeta(db, 'blocked_by', undefined);
  });
}

/** Sends it again from now on. */
export function takeUp(queue: Queue, rev: number): Promise<void> {
  return transact(queue.db, async (db) => {
    const record = await db.pending.get(rev);
    if (!record) throw new Refusal('not_found');
    const { aside: _aside, ...rest } = record;
    await db.pending.put(rest);
    const others = ((await getMeta(db, 'aside')) ?? []).filter((each) => each !== rev);
    await setMeta(db, 'aside', others.length > 0 ? others : undefined);
  });
}

/** How many queued changes are set aside. */
export async function countAside({ db }: Pick<Queue, 'db'>): Promise<number> {
  const revs = await getMeta(db, 'aside');
  if (revs === undefined) return 0;
  return (await db.pending.bulkGet(revs)).filter((record) => record?.aside === true).length;
}
