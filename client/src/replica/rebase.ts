import type { Id, LogEntry } from '@cambium/protocol';
import { Dexie } from 'dexie';
import type { Queue } from '../database/queue.ts';
import type { PendingRecord } from '../database/records.ts';
import { applyDraft, predict } from './predict.ts';
import { namedIds } from './names.ts';
import { rollback } from './rollback.ts';
import { drive, type Steps } from './steps.ts';
import { Workspace } from './workspace.ts';

/** The server's log does not fit onto what is held of the channel: base has to be taken anew. */
export class BrokenReplica extends Error {
  readonly channel: Id;

  constructor(channel: Id, cause: unknown) {
    super(`the log does not fit onto the replica of channel ${channel}`, { cause });
    this.name = 'BrokenReplica';
    this.channel = channel;
  }
}

/**
 * Moves base, and puts what is pending on top of it again:
 *
 *     shown  ── undo images, newest first ──►  base  ── entries ──►  new base  ── pending that stays ──►  shown
 *
 * The price follows the entries and the queue of this channel, never the size of the tree.
 *
 * @param leaving revs that are not put on again
 */
export async function rebase(
  queue: Queue,
  channel: Id,
  entries: readonly LogEntry[],
  leaving: ReadonlySet<number>,
): Promise<void> {
  const { db, user } = queue;
  const pending = await pendingOf(queue, channel);
  const first = entries.length > 0 ? 0 : Math.min(...leaving);
  const undone = pending.filter(({ rev }) => rev >= first);
  const workspace = new Workspace(db);
  await rollback(
    undone.map(({ rev }) => rev),
    workspace,
  );
  await applyToBase(channel, entries, workspace);
  const changed = await predict(
    undone.filter(({ rev }) => !leaving.has(rev)),
    user,
    workspace,
  );
  await workspace.flush();
  await db.pending.bulkPut(changed);
}

export function pendingOf({ db }: Pick<Queue, 'db'>, channel: Id): Promise<PendingRecord[]> {
  return db.pending.where('[channel_id+rev]').between([channel, 0], [channel, Infinity]).toArray();
}

async function applyToBase(channel: Id, entries: readonly LogEntry[], workspace: Workspace): Promise<void> {
  const named = namedIds(entries as readonly object[] as Parameters<typeof namedIds>[0]);
  for (const [table, keys] of named) await workspace.load(table, keys);
  workspace.undo.begin(null);
  try {
    await drive(applyAll(entries, workspace));
  } catch (error) {
    // The database's own failures say nothing of the log.
    if (error instanceof Dexie.DexieError) throw error;
    throw new BrokenReplica(channel, error);
  }
}

function* applyAll(entries: readonly LogEntry[], workspace: Workspace): Steps<void> {
  for (const entry of entries) yield* applyDraft(entry, entry.at, workspace);
}
