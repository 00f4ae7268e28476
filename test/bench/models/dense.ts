import type { Id } from '@cambium/protocol';
import { open } from '../tree/measure.ts';
import { ANCESTORS, CONTENT, NEW, SUBTREE, type TreeModel } from './model.ts';

interface Place {
  pk: number;
  channel: number;
  parent: number;
  lft: number;
  rgt: number;
  depth: number;
}

/** `lft` and `rgt` count node ends from 1 without a gap, as nested sets are known: a count is their difference. */
const RENUMBER = `UPDATE node SET lft = 2 * o.place - node.depth - 1, rgt = 2 * o.place - node.depth + 2 * node.total_count
  FROM (SELECT pk, row_number() OVER (ORDER BY lft) AS place FROM node) o WHERE o.pk = node.pk`;

const GAP = `UPDATE node SET lft = CASE WHEN lft >= @at THEN lft + @size ELSE lft END, rgt = rgt + @size
  WHERE channel = @channel AND rgt >= @at`;

/** The block goes by `by`, what it passes goes by `pass` the other way: one statement over what lies between. */
const MOVE = `UPDATE node SET
  depth = CASE WHEN lft BETWEEN @lft AND @rgt THEN depth + @deeper ELSE depth END,
  lft = CASE WHEN lft BETWEEN @lft AND @rgt THEN lft + @by WHEN lft BETWEEN @from AND @to THEN lft + @pass ELSE lft END,
  rgt = CASE WHEN rgt BETWEEN @lft AND @rgt THEN rgt + @by WHEN rgt BETWEEN @from AND @to THEN rgt + @pass ELSE rgt END,
  parent = CASE WHEN pk = @pk THEN @parent ELSE parent END
  WHERE channel = @channel AND lft <= max(@rgt, @to) AND rgt >= min(@lft, @from)`;

/** The textbook's nested set, with the table and the indexes that ours has. */
export function dense(path: string, source: string): TreeModel {
  const db = open(path, source);
  db.exec(RENUMBER);
  const place = db.prepare<[Id], Place>('SELECT pk, channel, parent, lft, rgt, depth FROM node WHERE id = ?');
  const gap = db.prepare<[{ at: number; size: number; channel: number }]>(GAP);
  const add = db.prepare(
    `INSERT INTO node(id, channel, parent, lft, rgt, depth, ${CONTENT}) VALUES (@id, @channel, @parent, @at, @at + 1, @depth, ${NEW})`,
  );
  const shift = db.prepare<[object]>(MOVE);
  const rows = db.prepare<[object], Place & { id: Id }>(
    'SELECT * FROM node WHERE channel = @channel AND lft BETWEEN @lft AND @rgt ORDER BY lft',
  );
  const copyRow = db.prepare<[object]>(
    `INSERT INTO node(id, channel, parent, lft, rgt, depth, ${CONTENT}) SELECT @id, channel, @parent, lft + @by, rgt + @by, depth + @deeper, ${CONTENT} FROM node WHERE pk = @pk`,
  );
  const ancestors = db.prepare<[Id], Id>(ANCESTORS).pluck();
  const subtree = db.prepare<[Id], { id: Id }>(SUBTREE);
  const page = db.prepare<[Id], { id: Id; below: number }>(
    `SELECT n.*, (n.rgt - n.lft - 1) / 2 AS below FROM node n WHERE parent = (SELECT pk FROM node WHERE id = ?) ORDER BY lft LIMIT 100`,
  );
  const count = db.prepare<[Id], number>('SELECT (rgt - lft - 1) / 2 FROM node WHERE id = ?').pluck();
  const at = (id: Id): Place => {
    const found = place.get(id);
    if (!found) throw new Error(`${id} is not there`);
    return found;
  };
  return {
    name: 'dense nested set',
    db,
    insert: db.transaction((id: Id, sibling: Id) => {
      const { channel, parent, depth, rgt } = at(sibling);
      gap.run({ at: rgt + 1, size: 2, channel });
      add.run({ id, channel, parent, at: rgt + 1, depth });
    }),
    move: db.transaction((id: Id, parent: Id, sibling?: Id) => {
      const node = at(id);
      const to = at(parent);
      if (to.lft >= node.lft && to.lft <= node.rgt) throw new Error(`${id} is moved into itself`);
      const target = sibling === undefined ? to.rgt : at(sibling).rgt + 1;
      const size = node.rgt - node.lft + 1;
      const right = target > node.rgt;
      shift.run({
        ...node,
        parent: to.pk,
        deeper: to.depth + 1 - node.depth,
        by: right ? target - node.rgt - 1 : target - node.lft,
        pass: right ? -size : size,
        from: right ? node.rgt + 1 : target,
        to: right ? target - 1 : node.lft - 1,
      });
    }),
    copy: db.transaction((id: Id, parent: Id, newId: () => Id) => {
      const to = at(parent);
      const { lft, rgt } = at(id);
      gap.run({ at: to.rgt, size: rgt - lft + 1, channel: to.channel });
      const block = rows.all(at(id));
      const first = block[0] as Place;
      const copies = new Map<number, number>();
      for (const { pk, parent: from } of block) {
        const move = { by: to.rgt - first.lft, deeper: to.depth + 1 - first.depth };
        const { lastInsertRowid } = copyRow.run({ ...move, pk, id: newId(), parent: copies.get(from) ?? to.pk });
        copies.set(pk, Number(lastInsertRowid));
      }
    }),
    subtree: (id) => subtree.all(id),
    page: (id) => page.all(id),
    ancestors: (id) => ancestors.all(id),
    count: (id) => count.get(id) as number,
    problems: () => PROBLEMS.flatMap(([what, sql]) => (db.prepare(sql).pluck().get() === 0 ? [] : [what])),
  };
}

const PROBLEMS: [string, string][] = [
  ['labels that are not 1 to 2n', 'SELECT count(*) * 2 <> max(rgt) OR min(lft) <> 1 FROM node'],
  [
    'a label given twice',
    'SELECT count(*) - count(DISTINCT label) FROM (SELECT lft AS label FROM node UNION ALL SELECT rgt FROM node)',
  ],
  [
    'a node outside its parent',
    `SELECT count(*) FROM node c JOIN node p ON p.pk = c.parent WHERE NOT (p.lft < c.lft AND c.rgt < p.rgt AND c.depth = p.depth + 1)`,
  ],
];
