import { type Id, type JsonObject, LIMITS, type ProtocolError, parseChange, Refusal } from '@cambium/protocol';
import { takeRevs } from '../database/meta.ts';
import type { ClientDatabase } from '../database/open.ts';
import type { PendingRecord, RawChange } from '../database/records.ts';
import { rowNamed } from '../replica/names.ts';
import { predict } from '../replica/predict.ts';
import { Workspace } from '../replica/workspace.ts';
import { noteAuthorsView } from './authors-view.ts';
import { type Queue, transactQueue } from '../database/queue.ts';
import { squash } from './squash.ts';

/** A change that has no rev yet. */
export type NewChange = JsonObject & { type: string; table: string; key: Id | [Id, Id]; channel_id: Id };

export interface RefusedChange {
  change: NewChange;
  errors: ProtocolError[];
}

export interface EnqueueOptions {
  /** Leave out what does not apply here and return it, instead of refusing everything because of it. */
  lenient?: boolean;
  /** Send along with each UPDATED what its author saw, so that the server can tell of conflicts. */
  withBase?: boolean;
}

/**
 * Applies changes to what is shown and queues them, in one transaction: all of them, or none.
 *
 * @throws Refusal when one cannot apply here (a cycle, a missing title …); nothing is queued then
 * @returns what was left out, if `lenient`
 */
export async function enqueue(
  outer: Queue,
  changes: NewChange[],
  options: EnqueueOptions = {},
): Promise<RefusedChange[]> {
  if (changes.length === 0) return [];
  return transactQueue(outer, async (queue) => {
    const first = await takeRevs(queue.db, changes.length);
    const now = queue.deps.clock.now();
    const records = changes.map((change, index) => recordOf(change, first + index, now));
    await checkGroups(queue.db, records);
    const [only] = records;
    if (records.length === 1 && only && (await squash(queue, only, options))) return [];
    return add(queue, records, options);
  });
}

async function add(queue: Queue, records: PendingRecord[], options: EnqueueOptions): Promise<RefusedChange[]> {
  const { db, user } = queue;
  const workspace = new Workspace(db);
  const loading = await loadingChannels(db);
  const ready = records.filter(({ channel_id }) => !loading.has(channel_id));
  await predict(ready, user, workspace, (record) => noteAuthorsView(record, options.withBase === true, workspace));
  const refused = ready.filter(({ noop }) => noop !== undefined);
  if (refused.length > 0 && options.lenient !== true) throw refusalOf(refused[0]?.noop as ProtocolError[]);
  await workspace.flush();
  await db.pending.bulkAdd(records.filter(({ noop }) => noop === undefined));
  return refused.map(({ change, noop }) => {
    const { rev: _rev, ...without } = change;
    return { change: without as NewChange, errors: noop as ProtocolError[] };
  });
}

/** Nothing can be predicted in a channel of which only a part is here yet. */
async function loadingChannels(db: ClientDatabase): Promise<Set<Id>> {
  const cursors = await db.cursor.filter(({ snapshot }) => snapshot === 'loading').toArray();
  return new Set(cursors.map(({ channel_id }) => channel_id));
}

/** @throws Refusal when the change is malformed */
function recordOf(change: NewChange, rev: number, now: number): PendingRecord {
  const parsed = parseChange({ ...change, rev });
  if (!parsed.ok) throw refusalOf(parsed.errors);
  const { type, key, channel_id, group } = parsed.change;
  const raw = { ...change, rev, type, key, channel_id } as RawChange;
  return {
    rev,
    row: rowNamed(raw),
    channel_id,
    ...(group !== undefined && { group }),
    change: raw,
    state: 'queued',
    created_at: now,
  };
}

/** A group is sent as a whole: its changes lie side by side in the queue, and none comes after the first was sent. */
async function checkGroups(db: ClientDatabase, records: readonly PendingRecord[]): Promise<void> {
  const closed = new Set<string>();
  const last = await db.pending.orderBy('rev').last();
  let open = last?.state === 'queued' ? last.group : undefined;
  const sizes = new Map<string, number>();
  for (const { group } of records) {
    if (group !== open && open !== undefined) closed.add(open);
    open = group;
    if (group === undefined) continue;
    if (!sizes.has(group)) {
      const waiting = await db.pending.where('group').equals(group).toArray();
      sizes.set(group, waiting.length);
      if (waiting.length > 0 && last?.group !== group) closed.add(group);
      if (waiting.some(({ state }) => state !== 'queued')) closed.add(group);
    }
    sizes.set(group, (sizes.get(group) ?? 0) + 1);
    if (closed.has(group))
      throw new Refusal('invalid_value', { field: 'group', message: 'That group is closed already.' });
    if ((sizes.get(group) ?? 0) > LIMITS.groupChanges) throw new Refusal('too_large', { field: 'group' });
  }
}

export function refusalOf(errors: readonly ProtocolError[]): Refusal {
  const [error] = errors;
  if (!error) throw new Error('a refusal without a reason');
  const { code, ...more } = error;
  return new Refusal(code, more);
}
