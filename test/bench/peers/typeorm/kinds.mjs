/** The trees that TypeORM knows: how each is declared, and how a node of a fixture gets what its kind keeps beside. */
export const KINDS = {
  'nested-set': {
    fill(raw, nodes) {
      const set = raw.prepare('UPDATE node SET nsleft = ?, nsright = ? WHERE id = ?');
      for (const { id, left, right } of nodes) set.run(left, right, id);
    },
  },
  'materialized-path': {
    fill(raw, nodes) {
      const set = raw.prepare('UPDATE node SET mpath = ? WHERE id = ?');
      for (const { id, path } of nodes) set.run(`${path.join('.')}.`, id);
    },
  },
  'closure-table': {
    fill(raw, nodes) {
      const add = raw.prepare('INSERT INTO node_closure(id_ancestor, id_descendant) VALUES (?, ?)');
      for (const { id, path } of nodes) for (const ancestor of path) add.run(ancestor, id);
    },
  },
};
