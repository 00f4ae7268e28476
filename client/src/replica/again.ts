import type { Id } from '@cambium/protocol';
import type { Queue } from '../database/queue.ts';
import { predict } from './predict.ts';
import { pendingOf } from './rebase.ts';
import { Workspace } from './workspace.ts';

/** After a snapshot at `rev`: own changes that it contains leave the queue. Inside a transaction. */
export async function dropConfirmed({ db, deps }: Queue, channel: Id, rev: number): Promise<void> {
  const { value: client_id } = (await db.meta.get('client_id')) as { value: Id };
  const inside = (await pendingOf({ db }, channel)).filter(
    ({ server_rev }) => server_rev !== undefined && server_rev <= rev,
  );
  await db.pending.bulkDelete(inside.map((record) => record.rev));
  const at = deps.clock.now();
  await db.applied.bulkPut(
    inside.map((record) => ({
      client_id,
      rev: record.rev,
      channel_id: channel,
      server_rev: record.server_rev ?? null,
      change: record.change,
      at,
    })),
  );
}

/** Puts everything pending in a channel on top of a base that has none of it. Inside a transaction. */
export async function predictAgain(queue: Queue, channel: Id): Promise<void> {
  const workspace = new Workspace(queue.db);
  const pending = await pendingOf(queue, channel);
  const changed = await predict(pending, queue.user, workspace);
  await workspace.flush();
  await queue.db.pending.bulkPut(changed);
}
