import type { Id } from '@cambium/protocol';
import { open } from '../tree/measure.ts';
import { ANCESTORS, CONTENT, NEW, type TreeModel } from './model.ts';

interface Place {
  pk: number;
  channel: number;
  parent: number;
  position: number;
}

/** Between two positions at first; far more than a run writes at one place. */
const STEP = 2 ** 20;

const RENUMBER = `UPDATE node SET lft = o.place * ${STEP}, rgt = 9007199254740990
  FROM (SELECT pk, row_number() OVER (PARTITION BY parent ORDER BY lft) AS place FROM node) o WHERE o.pk = node.pk`;

/** Depth first, children in their order: the deepest that waits comes next. CROSS keeps SQLite from starting at `node`. */
const SUBTREE = `WITH RECURSIVE below(pk, level, position) AS (SELECT pk, 0, lft FROM node WHERE id = ?
  UNION ALL SELECT n.pk, below.level + 1, n.lft FROM below JOIN node n ON n.parent = below.pk ORDER BY 2 DESC, 3)
  SELECT n.* FROM below CROSS JOIN node n ON n.pk = below.pk`;

const COUNT = (of: string) => `(WITH RECURSIVE below(pk) AS (SELECT pk FROM node WHERE parent = ${of}
  UNION ALL SELECT n.pk FROM below JOIN node n ON n.parent = below.pk) SELECT count(*) FROM below)`;

/** A parent and a position among its children: `lft` is the position here, `rgt` and `depth` are not kept. */
export function adjacency(path: string, source: string): TreeModel {
  const db = open(path, source);
  db.exec('DROP INDEX node_channel_lft');
  db.exec(RENUMBER);
  const place = db.prepare<[Id], Place>('SELECT pk, channel, parent, lft AS position FROM node WHERE id = ?');
  const next = db
    .prepare<[number, number], number>('SELECT lft FROM node WHERE parent = ? AND lft > ? ORDER BY lft LIMIT 1')
    .pluck();
  const last = db.prepare<[number], number>('SELECT lft FROM node WHERE parent = ? ORDER BY lft DESC LIMIT 1').pluck();
  const add = db.prepare(
    `INSERT INTO node(id, channel, parent, lft, rgt, depth, ${CONTENT}) VALUES (@id, @channel, @parent, @position, 9007199254740990, 0, ${NEW})`,
  );
  const shift = db.prepare('UPDATE node SET parent = @parent, lft = @position WHERE pk = @pk');
  const copyRow = db.prepare<[object]>(
    `INSERT INTO node(id, channel, parent, lft, rgt, depth, ${CONTENT}) SELECT @id, channel, @parent, coalesce(@position, lft), rgt, depth, ${CONTENT} FROM node WHERE pk = @pk`,
  );
  const ancestors = db.prepare<[Id], Id>(ANCESTORS).pluck();
  const subtree = db.prepare<[Id], Place & { id: Id }>(SUBTREE);
  const page = db.prepare<[Id], { id: Id; below: number }>(
    `SELECT n.*, ${COUNT('n.pk')} AS below FROM node n WHERE parent = (SELECT pk FROM node WHERE id = ?) ORDER BY lft LIMIT 100`,
  );
  const count = db.prepare<[Id], number>(`SELECT ${COUNT('(SELECT pk FROM node WHERE id = ?)')}`).pluck();
  const at = (id: Id): Place => {
    const found = place.get(id);
    if (!found) throw new Error(`${id} is not there`);
    return found;
  };
  const rightOf = ({ parent, position }: Place): number => {
    const middle = Math.floor((position + (next.get(parent, position) ?? position + 2 * STEP)) / 2);
    if (middle === position) throw new Error('there is no room between two positions');
    return middle;
  };
  const lastIn = (parent: number): number => (last.get(parent) ?? 0) + STEP;
  return {
    name: 'adjacency list',
    db,
    insert: db.transaction((id: Id, sibling: Id) => {
      const beside = at(sibling);
      add.run({ ...beside, id, position: rightOf(beside) });
    }),
    move: db.transaction((id: Id, parent: Id, sibling?: Id) => {
      if (ancestors.all(parent).includes(id)) throw new Error(`${id} is moved into itself`);
      const to = at(parent).pk;
      shift.run({ pk: at(id).pk, parent: to, position: sibling === undefined ? lastIn(to) : rightOf(at(sibling)) });
    }),
    copy: db.transaction((id: Id, parent: Id, newId: () => Id) => {
      const to = at(parent).pk;
      const position = lastIn(to);
      const copies = new Map<number, number>();
      for (const row of subtree.all(id)) {
        const inside = copies.get(row.parent);
        const values = { id: newId(), pk: row.pk, parent: inside ?? to, position: inside ? null : position };
        copies.set(row.pk, Number(copyRow.run(values).lastInsertRowid));
      }
    }),
    subtree: (id) => subtree.all(id),
    page: (id) => page.all(id),
    ancestors: (id) => ancestors.all(id),
    count: (id) => count.get(id) as number,
    problems: () => {
      const orphans = `SELECT count(*) FROM node c LEFT JOIN node p ON p.pk = c.parent WHERE c.parent > 0 AND p.pk IS NULL`;
      return db.prepare(orphans).pluck().get() === 0 ? [] : ['a node whose parent is not there'];
    },
  };
}
