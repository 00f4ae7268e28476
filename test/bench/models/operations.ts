import type { Id } from '@cambium/protocol';
import { CHANNEL, idOf } from '../tree/author.ts';
import type { TreeModel } from './model.ts';
import type { Planted } from './plant.ts';

export interface Operation {
  name: string;
  /** Calls of a round, at most; one of them is timed as a whole where a single one is shorter than a clock's tick. */
  times: number;
  /** Draws what it is about and returns the call, so that drawing is not timed. */
  draw: (planted: Planted, one: (ids: readonly Id[]) => Id, model: TreeModel) => () => unknown;
}

/** Ids of what operations make, apart from those that were planted. */
let made = 2 ** 40;
const newId = (): Id => idOf((made += 1));

export const OPERATIONS: readonly Operation[] = [
  {
    name: 'insert a leaf anywhere',
    times: 300,
    draw: ({ leaves }, one, model) => {
      const [id, sibling] = [newId(), one(leaves)];
      return () => model.insert(id, sibling);
    },
  },
  {
    name: 'move a leaf anywhere',
    times: 300,
    draw: ({ leaves, topics }, one, model) => {
      const [id, parent] = [one(leaves), one(topics)];
      return () => model.move(id, parent);
    },
  },
  {
    name: 'move 1,000 nodes anywhere',
    times: 10,
    draw: ({ sections }, one, model) => {
      const id = one(sections);
      const sibling = one(sections.filter((other) => other !== id));
      return () => model.move(id, CHANNEL, sibling);
    },
  },
  {
    name: 'copy 1,000 nodes',
    times: 10,
    draw: ({ sections }, one, model) => {
      const id = one(sections);
      return () => model.copy(id, CHANNEL, newId);
    },
  },
  {
    name: 'read 1,000 nodes in order',
    times: 40,
    draw: ({ sections }, one, model) => {
      const id = one(sections);
      return () => model.subtree(id);
    },
  },
  {
    name: 'page of 30 children with counts',
    times: 200,
    draw: ({ sections }, one, model) => {
      const id = one(sections);
      return () => model.page(id);
    },
  },
  {
    name: 'ancestors of a leaf',
    times: 2000,
    draw: ({ leaves }, one, model) => {
      const id = one(leaves);
      return () => model.ancestors(id);
    },
  },
  {
    name: 'count of all',
    times: 1000,
    draw: (_, __, model) => () => model.count(CHANNEL),
  },
];
