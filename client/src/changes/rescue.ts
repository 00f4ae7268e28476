import { ERRORS, type Id, newId, type ProtocolError, Refusal } from '@cambium/protocol';
import { type Queue, transactQueue } from '../database/queue.ts';
import type { RawChange, RescueRecord } from '../database/records.ts';
import { idsNamed } from '../replica/names.ts';
import { enqueue, type NewChange } from './enqueue.ts';

/** A change that the server refused, and what can be done about it. */
export interface Rescue {
  rev: number;
  channel_id: Id;
  change: RawChange;
  errors: ProtocolError[];
  /** What the first error's author can do, in a sentence. */
  remedy: string;
  /** Milliseconds since 1970. */
  at: number;
  /** Revs of refused changes that are retried along with it: they need what it makes, or share its group. */
  dependants: number[];
}

export async function rescued({ db }: Pick<Queue, 'db'>): Promise<Rescue[]> {
  const records = await db.rescue.orderBy('rev').toArray();
  return records.map((record) => ({
    rev: record.rev,
    channel_id: record.channel_id,
    change: record.change,
    errors: record.errors,
    remedy: record.errors[0] ? ERRORS[record.errors[0].code].remedy : '',
    at: record.at,
    dependants: withDependants(record, records)
      .map(({ rev }) => rev)
      .filter((rev) => rev !== record.rev),
  }));
}

/**
 * Queues a refused change again, together with the refused ones that need it, in their old order, under new revs.
 *
 * @throws Refusal when they still cannot apply here; nothing changes then
 */
export function retry(outer: Queue, rev: number): Promise<void> {
  return transactQueue(outer, async (queue) => {
    const { db, deps } = queue;
    const records = await db.rescue.orderBy('rev').toArray();
    const chosen = records.find((record) => record.rev === rev);
    if (!chosen) throw new Refusal('not_found', { message: `Change ${rev} was not refused, or is retried already.` });
    const again = withDependants(chosen, records);
    await db.rescue.bulkDelete(again.map((record) => record.rev));
    // The old name of a group is used up.
    const groups = new Map<string, string>();
    for (const { group } of again) if (group !== undefined) groups.set(group, newId(deps.clock.now(), deps.random));
    await enqueue(
      queue,
      again.map(({ change }) => renewed(change, groups)),
    );
  });
}

function renewed({ rev: _rev, ...change }: RawChange, groups: ReadonlyMap<string, string>): NewChange {
  const group = typeof change['group'] === 'string' ? groups.get(change['group']) : undefined;
  return { ...change, ...(group !== undefined && { group }) } as NewChange;
}

export async function discard({ db }: Pick<Queue, 'db'>, rev: number): Promise<void> {
  await db.rescue.delete(rev);
}

/** The change, those of its group, and later ones that name a row which one of these would have made; in their order. */
function withDependants(chosen: RescueRecord, records: readonly RescueRecord[]): RescueRecord[] {
  const taken = new Set([chosen]);
  for (let size = 0; size !== taken.size;) {
    size = taken.size;
    const made = new Set(
      [...taken].filter(({ change }) => makes(change)).flatMap(({ change }) => [change['key']].flat()),
    );
    const groups = new Set([...taken].map(({ group }) => group).filter((group) => group !== undefined));
    for (const record of records) {
      const needs = record.rev > chosen.rev && idsNamed(record.change).some((id) => made.has(id));
      if (needs || (record.group !== undefined && groups.has(record.group))) taken.add(record);
    }
  }
  return [...taken].sort((a, b) => a.rev - b.rev);
}

function makes({ type }: RawChange): boolean {
  return type === 'CREATED' || type === 'COPIED';
}
