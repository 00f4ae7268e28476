import { type Id, parseChange } from '@cambium/protocol';
import { applyChange, applyEntry, type MemoryTree } from '@cambium/tree';
import type { CambiumClient } from '../index.ts';
import type { PendingRecord } from '../database/records.ts';
import { type FakeServer, replay } from './fake-server.ts';

/** What a client has to show, made the plain way: the log up to its cursor, then everything pending, one by one. */
export async function expectedTree(client: CambiumClient, server: FakeServer, channel: Id): Promise<MemoryTree> {
  const cursor = await client.database.cursor.get(channel);
  const others = [...server.log.entries()].filter(([id]) => id !== channel).flatMap(([, log]) => log);
  const tree = replay([...others, ...(server.log.get(channel) ?? []).slice(0, cursor?.rev ?? 0)]);
  const pending = await client.database.pending.orderBy('rev').toArray();
  let at = 0;
  for (const unit of units(pending.filter(({ channel_id }) => channel_id === channel))) {
    at += 1;
    predictUnit(unit, client.user.id, tree, at);
  }
  return tree;
}

function units(pending: PendingRecord[]): PendingRecord[][] {
  const made: PendingRecord[][] = [];
  for (const record of pending) {
    const last = made.at(-1);
    if (record.group !== undefined && last?.[0]?.group === record.group) last.push(record);
    else made.push([record]);
  }
  return made;
}

/** A group of several is tried on a copy first. */
function predictUnit(unit: PendingRecord[], user: Id, tree: MemoryTree, serial: number): void {
  if (unit.length > 1 && !tryUnit(unit, user, copyOf(tree), serial)) return;
  tryUnit(unit, user, tree, serial);
}

function tryUnit(unit: PendingRecord[], user: Id, tree: MemoryTree, serial: number): boolean {
  for (const { change } of unit) {
    const at = new Date(Date.UTC(2030, 0, 1) + serial).toISOString();
    const parsed = parseChange(change);
    if (!parsed.ok) return false;
    const outcome = applyChange(parsed.change, { at, user, authority: 'prediction' }, tree);
    if (!outcome.ok) return false;
    for (const entry of outcome.entries) tree.apply(applyEntry({ ...entry, at }, tree));
  }
  return true;
}

function copyOf(tree: MemoryTree): MemoryTree {
  const copy = replay([]);
  for (const { id } of tree.channels()) for (const row of tree.rows(id)) copy.load(row);
  return copy;
}
