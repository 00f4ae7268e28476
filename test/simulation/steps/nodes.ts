import type { Id } from '@cambium/protocol';
import type { Random } from '../world/random.ts';
import type { Tab } from '../tab.ts';

/** A shown node, as far as choosing needs it. */
export interface Shown {
  id: Id;
  parent: Id | null;
  depth: number;
}

/** The nodes that a tab shows of a channel, the root first. Their order is that of the ids. */
export async function shownNodes({ client }: Tab, channel: Id): Promise<Shown[]> {
  const rows = await client.database.contentnode.where('channel_id').equals(channel).toArray();
  const parents = new Map(rows.map(({ id, parent_id }) => [id, parent_id]));
  const depthOf = (id: Id): number => {
    let depth = 0;
    for (let up = parents.get(id); up; up = parents.get(up)) depth += 1;
    return depth;
  };
  return rows
    .map(({ id, parent_id }) => ({ id, parent: parent_id, depth: depthOf(id) }))
    .sort((a, b) => Number(b.id === channel) - Number(a.id === channel) || (a.id < b.id ? -1 : 1));
}

/** Nodes of copies that the server has not seen yet. */
export async function insideUnsyncedCopies({ client }: Tab, nodes: readonly Shown[]): Promise<Shown[]> {
  const copied = await client.database.pending
    .filter(({ change, state }) => change.type === 'COPIED' && state !== 'applied')
    .toArray();
  const tops = new Set(copied.map(({ change }) => change['key'] as Id));
  const parents = new Map(nodes.map(({ id, parent }) => [id, parent]));
  return nodes.filter(({ id, parent }) => {
    for (let up = parent; up; up = parents.get(up) ?? null) if (tops.has(up)) return true;
    return tops.has(id);
  });
}

/** Any node, or often a deep one: where the branches are long the interesting moves are. */
export function drawNode(nodes: readonly Shown[], random: Random): Shown {
  const few = [random.one(nodes), random.one(nodes), random.one(nodes)];
  return random.chance(50) ? (few[0] as Shown) : few.reduce((a, b) => (b.depth > a.depth ? b : a));
}

/** A node other than the root, or null when there is none. */
export function drawInner(nodes: readonly Shown[], random: Random): Shown | null {
  const inner = nodes.filter(({ parent }) => parent !== null);
  return inner.length === 0 ? null : drawNode(inner, random);
}
