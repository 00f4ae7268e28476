import { completeness, type Id } from '@cambium/protocol';
import { filesOf, itemsOf } from '../tables/attached.ts';
import type { MemoryTree, StoredRow } from '../memory/memoryTree.ts';

/** What is wrong with a tree, one line each: several roots, orphans, cycles, wrong links, wrong `complete`. */
export function violations(tree: MemoryTree, channel: Id): string[] {
  const wrong: string[] = [];
  const order = tree.order(channel);
  const seen = new Set<Id>();
  for (const [id, parent] of order) {
    if (seen.has(id)) wrong.push(`${id} comes twice`);
    if (id !== channel && (parent === null || !seen.has(parent))) wrong.push(`${id} comes before its parent`);
    seen.add(id);
    if (tree.path(id).at(-1) !== channel) wrong.push(`${id} does not lead up to the root`);
    if (tree.childCount(id) !== order.filter(([, up]) => up === id).length) wrong.push(`childCount of ${id}`);
    const next = tree.nextSibling(id);
    if (next !== null && tree.previousSibling(next) !== id) wrong.push(`the neighbours of ${id}`);
    const row = tree.row('contentnode', id);
    if (row === undefined || row.parent_id !== parent || row.channel_id !== channel) wrong.push(`the row of ${id}`);
    else if (row.complete !== isComplete(tree, id)) wrong.push(`complete of ${id} is ${row.complete}`);
  }
  if (tree.row('channel', channel)?.name !== tree.row('contentnode', channel)?.title)
    wrong.push('the root is not called as its channel');
  return wrong;
}

function isComplete(tree: MemoryTree, id: Id): boolean {
  const row = tree.row('contentnode', id);
  if (row === undefined) return false;
  const look = { isRoot: row.parent_id === null, files: () => filesOf(id, tree), items: () => itemsOf(id, tree) };
  return completeness(row, look).length === 0;
}

/** All rows of a channel by table and key, and the nodes in order: equal for equal trees. */
export function contents(tree: MemoryTree, channel: Id): { order: unknown; rows: Map<string, unknown> } {
  const rows = new Map([...tree.rows(channel)].map((stored) => [nameOf(stored), stored.row]));
  return { order: tree.order(channel), rows };
}

function nameOf({ table, row }: StoredRow): string {
  return table === 'contentnode_prerequisite'
    ? `${table} ${row.target_node} ${row.prerequisite}`
    : `${table} ${row.id}`;
}
