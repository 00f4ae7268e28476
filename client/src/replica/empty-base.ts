import type { Id } from '@cambium/protocol';
import { type Queue, transactQueue } from '../database/queue.ts';
import { predictAgain } from './again.ts';
import { clearChannel } from './clear-channel.ts';
import { pendingOf } from './rebase.ts';
import { rollback } from './rollback.ts';
import { Workspace } from './workspace.ts';

/** The server has nothing of a channel yet: base is empty, and what is pending makes the channel. */
export function emptyBase(outer: Queue, channel: Id): Promise<void> {
  return transactQueue(outer, async (queue) => {
    const { db } = queue;
    const workspace = new Workspace(db);
    await rollback(
      (await pendingOf(queue, channel)).map(({ rev }) => rev),
      workspace,
    );
    await workspace.flush();
    await clearChannel(db, channel);
    await db.channel.delete(channel);
    await db.cursor.put({ channel_id: channel, rev: 0, snapshot: null, progress: null, unavailable: false });
    await predictAgain(queue, channel);
  });
}
