import type { Database } from 'better-sqlite3';
import { COLUMN } from './column.ts';
import { labelSpace } from './run.ts';
import { statementsOf } from './statements.ts';

interface Place {
  pk: number;
  children: Place[];
  depth: number;
  lft: number;
  rgt: number;
}

/**
 * Repairs a channel's labels and depths from `parent` and the order among siblings alone, spread evenly. The caller
 * holds the transaction. Throws, and has written nothing, when `parent` does not describe one tree.
 *
 * @returns how many nodes it labelled
 */
export function rebuildLabels(db: Database, channelPk: number, bits = 53): number {
  const { root, size } = readShape(db, channelPk);
  const order = label(root, size, labelSpace(bits).end);
  if (order.length !== size) throw new Error(`${size - order.length} nodes of the channel do not hang on its root`);
  const update = statementsOf(db).update(COLUMN.depth | COLUMN.labels);
  for (const { pk, depth, lft, rgt } of order) update.run(depth, lft, rgt, pk);
  return size;
}

function readShape(db: Database, channelPk: number): { root: Place; size: number } {
  const rows = db
    .prepare<[number], { pk: number; parent: number | null }>(
      'SELECT pk, parent FROM node WHERE channel = ? ORDER BY parent, lft, pk',
    )
    .all(channelPk);
  const places = new Map(rows.map(({ pk }): [number, Place] => [pk, { pk, children: [], depth: 0, lft: 0, rgt: 0 }]));
  const roots: Place[] = [];
  for (const { pk, parent } of rows) {
    const siblings = parent === null ? roots : places.get(parent)?.children;
    if (!siblings) throw new Error(`node ${pk} has its parent in another channel, or none`);
    siblings.push(places.get(pk) as Place);
  }
  const [root] = roots;
  if (!root || roots.length > 1) throw new Error(`the channel has ${roots.length} roots`);
  return { root, size: rows.length };
}

/** Walks with its own stack: depth is not bounded here. */
function label(root: Place, size: number, end: number): Place[] {
  const step = Math.floor((end - 1) / (2 * size + 1));
  if (step < 1) throw new Error('the label space of a channel is exhausted');
  const order: Place[] = [];
  const open: { place: Place; next: number }[] = [];
  let last = 0;
  const enter = (place: Place, depth: number): void => {
    place.depth = depth;
    place.lft = last += step;
    order.push(place);
    open.push({ place, next: 0 });
  };
  enter(root, 0);
  for (let top = open.at(-1); top; top = open.at(-1)) {
    const child = top.place.children[top.next];
    if (child) {
      top.next += 1;
      enter(child, top.place.depth + 1);
    } else {
      top.place.rgt = last += step;
      open.pop();
    }
  }
  return order;
}
