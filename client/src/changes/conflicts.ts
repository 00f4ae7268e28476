import type { Mods } from '@cambium/protocol';
import { type Queue, transactQueue } from '../database/queue.ts';
import type { ConflictRecord } from '../database/records.ts';
import { enqueue } from './enqueue.ts';

/** Forgets a conflict; with `theirs`, an UPDATED puts back what the other had written. */
export function settleConflict(outer: Queue, conflict: ConflictRecord, keep: 'mine' | 'theirs'): Promise<void> {
  const { channel_id, table, key, conflicts } = conflict;
  return transactQueue(outer, async (queue) => {
    await queue.db.conflict.delete([conflict.client_id, conflict.rev]);
    if (keep === 'mine') return;
    const mods: Mods = Object.fromEntries(conflicts.map(({ path, theirs }) => [path, theirs]));
    await enqueue(queue, [{ type: 'UPDATED', table, key, channel_id, mods }], { withBase: true });
  });
}
