import { createHash } from 'node:crypto';
import { Client } from '../ingest/author.ts';

/**
 * What everybody stores: the nodes of one channel, the same for each system because Cambium's own load makes them.
 * `pos` is the order among siblings, which Cambium is not sent: there a node goes last, and the server keeps the order.
 *
 * @param {number} channel from 1; the seed
 * @param {number} count
 * @returns {{ id: string, parent: string, kind: string, title: string, license: number, pos: string }[]}
 */
export function nodesOf(channel, count) {
  const client = new Client(channel);
  client.makeChannel();
  return Array.from({ length: count }, (_, i) => {
    const { key, obj } = client.create();
    return { id: key, ...obj, pos: i.toString(36).padStart(6, '0') };
  });
}

/** Splits nodes into batches of `size`. */
export function batchesOf(nodes, size) {
  return Array.from({ length: Math.ceil(nodes.length / size) }, (_, i) => nodes.slice(i * size, (i + 1) * size));
}

/**
 * One value for all that was stored, whatever its order: each system's is compared with that of what was sent.
 *
 * @param {Iterable<{ id: string, parent: string, kind: string, title: string, license: number }>} nodes
 */
export function digestOf(nodes) {
  const lines = [];
  for (const { id, parent, kind, title, license } of nodes) lines.push([id, parent, kind, title, license].join('|'));
  return `${lines.length} nodes, ${createHash('sha256').update(lines.toSorted().join('\n')).digest('hex')}`;
}
