import type { Id } from '@cambium/protocol';
import { checkTree, type NodeBatch } from '@cambium/server/tree';
import { rowOf } from '../tree/author.ts';
import { open, runBatch } from '../tree/measure.ts';
import { ANCESTORS, SUBTREE, type TreeModel } from './model.ts';

/** Cambium's own: sparse labels, counts kept with the nodes. */
export function ours(path: string, source: string): TreeModel {
  const db = open(path, source);
  const ancestors = db.prepare<[Id], Id>(ANCESTORS).pluck();
  const subtree = db.prepare<[Id], { id: Id }>(SUBTREE);
  const page = db.prepare<[Id], { id: Id; below: number }>(
    `SELECT n.*, n.total_count AS below FROM node n WHERE parent = (SELECT pk FROM node WHERE id = ?) ORDER BY lft LIMIT 100`,
  );
  const count = db.prepare<[Id], number>('SELECT total_count FROM node WHERE id = ?').pluck();
  const write = (work: (batch: NodeBatch) => void) => void runBatch(db, work);
  return {
    name: 'Cambium',
    db,
    insert: (id, sibling) =>
      write((batch) => {
        const parent = batch.path(sibling)[1] as Id;
        batch.insert(rowOf(id, parent, 'video'), sibling, 1);
      }),
    move: (id, parent, sibling) =>
      write((batch) => {
        const after = sibling ?? batch.lastChild(parent);
        if (after !== id) batch.move(id, parent, after, 2);
      }),
    copy: (id, parent, newId) =>
      write((batch) => {
        const copies = new Map<Id, Id>();
        for (const from of batch.subtree(id)) {
          const row = batch.row(from);
          if (!row) throw new Error(`${from} is not there`);
          const copy = newId();
          copies.set(from, copy);
          const to = from === id ? parent : (copies.get(row.parent_id as Id) as Id);
          batch.insert({ ...row, id: copy, node_id: copy, parent_id: to }, batch.lastChild(to), 1);
        }
      }),
    subtree: (id) => subtree.all(id),
    page: (id) => page.all(id),
    ancestors: (id) => ancestors.all(id),
    count: (id) => count.get(id) as number,
    problems: () => checkTree(db).map(({ rule, id }) => `${rule} at ${id}`),
  };
}
