import { type Id, type JsonObject, TABLES } from '@cambium/protocol';
import type { MemoryTree } from '@cambium/tree';
import type { CambiumClient } from '../index.ts';
import { keyOf, type StoredRow } from '../database/rows.ts';

/** Times of a prediction are the device's own: whoever compares a prediction leaves them out. */
const TIMES = ['modified', 'created', 'last_published'];

/** Everything a client shows of a channel, in an order of its own: nodes in document order, the rest by key. */
export async function shownState(client: CambiumClient, channel: Id, withTimes = true): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const { has_children: _children, ...row } of client.rows(channel)) rows.push(['contentnode', row]);
  const rest: [string, object][] = [];
  for (const table of TABLES) {
    if (table === 'contentnode') continue;
    for (const row of (await client.database.table(table).toArray()) as StoredRow[]) {
      const { role: _role, ...known } = row;
      if (row['channel_id'] === channel || row['id'] === channel)
        rest.push([`${table}:${String(keyOf(table, row))}`, known]);
    }
  }
  return clean([...rows, ...rest.sort(([a], [b]) => (a < b ? -1 : 1))], withTimes);
}

/** The same of a tree in memory. */
export function treeState(tree: MemoryTree, channel: Id, withTimes = true): unknown[] {
  const rows: unknown[] = [];
  const rest: [string, object][] = [];
  for (const { table, row } of tree.rows(channel)) {
    const stored = row as unknown as StoredRow;
    if (table === 'contentnode') rows.push(['contentnode', stored]);
    else rest.push([`${table}:${String(keyOf(table, stored))}`, stored]);
  }
  return clean([...rows, ...rest.sort(([a], [b]) => (a < b ? -1 : 1))], withTimes);
}

function clean(rows: unknown[], withTimes: boolean): unknown[] {
  const text = JSON.stringify(rows, (key, value: unknown) => {
    if (key === 'child_count' || (!withTimes && TIMES.includes(key))) return undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value as JsonObject).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
  return JSON.parse(text) as unknown[];
}

/** Only what hangs together: sibling order and titles, for messages that a person can read. */
export function outline(tree: MemoryTree, channel: Id): string[] {
  return tree
    .order(channel)
    .map(([id]) => `${'  '.repeat(tree.path(id).length - 1)}${tree.row('contentnode', id)?.title ?? '?'}`);
}
