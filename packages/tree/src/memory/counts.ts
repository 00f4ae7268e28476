import type { Id } from '@cambium/protocol';
import type { MemoryNode, MemoryNodes } from './nodes.ts';

/** What is derived of the nodes below a node, itself left out. */
export interface Counts {
  total_count: number;
  resource_count: number;
  coach_count: number;
  error_count: number;
  /** Resources that were published and have changed since. */
  updated_count: number;
  /** Resources that were never published. */
  new_count: number;
}

const NONE: Readonly<Counts> = Object.freeze({
  total_count: 0,
  resource_count: 0,
  coach_count: 0,
  error_count: 0,
  updated_count: 0,
  new_count: 0,
});

/** The counts of the node and of every node below it, in one pass. */
export function countBelow(top: MemoryNode, nodes: MemoryNodes): Map<Id, Counts> {
  const order = [...nodes.walk(top)];
  const counts = new Map<Id, Counts>(order.map((node) => [node.row.id, { ...NONE }]));
  // Backwards through the document every node comes after all that is below it.
  for (const node of order.toReversed()) {
    if (node === top || node.parent === null) continue;
    const above = counts.get(node.parent.row.id) as Counts;
    add(above, counts.get(node.row.id) as Counts);
    add(above, ownCounts(node));
  }
  return counts;
}

function ownCounts({ row }: MemoryNode): Counts {
  const isResource = row.kind !== 'topic';
  return {
    total_count: 1,
    resource_count: Number(isResource),
    coach_count: Number(isResource && row.role_visibility === 'coach'),
    error_count: Number(!row.complete),
    updated_count: Number(isResource && row.changed && row.published),
    new_count: Number(isResource && row.changed && !row.published),
  };
}

function add(sum: Counts, counts: Counts): void {
  for (const key of Object.keys(NONE) as (keyof Counts)[]) sum[key] += counts[key];
}
