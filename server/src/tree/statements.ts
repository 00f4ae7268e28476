import type { Database, Statement } from 'better-sqlite3';
import { update } from './column.ts';

const STRUCTURE = 'pk, id, channel, parent, lft, rgt, depth, total_count';
const CONTENT = 'kind, title, complete, changed, published, coach, modified, rev, fields, item_count';
const COUNTS = 'total_count, resource_count, coach_count, error_count, updated_count, new_count';

/** Rows come as arrays: reading objects costs a quarter more. */
export type StructureTuple = [
  pk: number,
  id: string,
  channel: number,
  parent: number | null,
  lft: number,
  rgt: number,
  depth: number,
  total: number,
];
export type ContentTuple = [
  kind: string,
  title: string,
  complete: number,
  changed: number,
  published: number,
  coach: number,
  modified: string,
  rev: number,
  fields: string,
  itemCount: number,
];
export type CountsTuple = [
  total: number,
  resource: number,
  coach: number,
  error: number,
  updated: number,
  created: number,
];

export type Statements = ReturnType<typeof prepareAll>;

const compiled = new WeakMap<Database, Statements>();

/** Compiled once for each connection and shared by its batches: compiling costs more than most of them take to run. */
export function statementsOf(db: Database): Statements {
  let statements = compiled.get(db);
  if (!statements) compiled.set(db, (statements = prepareAll(db)));
  return statements;
}

function prepareAll(db: Database) {
  const raw = <P extends unknown[], R>(sql: string): Statement<P, R> => db.prepare<P, R>(sql).raw();
  const pluck = <P extends unknown[], R>(sql: string): Statement<P, R> => db.prepare<P, R>(sql).pluck();
  const updates = new Map<number, Statement<unknown[]>>();
  const columns = `id, channel, parent, lft, rgt, depth, ${CONTENT}, ${COUNTS}`;
  return {
    byId: raw<[string], [...StructureTuple, ...ContentTuple]>(`SELECT ${STRUCTURE}, ${CONTENT} FROM node WHERE id = ?`),
    byPk: raw<[number], StructureTuple>(`SELECT ${STRUCTURE} FROM node WHERE pk = ?`),
    manyById: raw<[string], [...StructureTuple, ...ContentTuple]>(
      `SELECT ${STRUCTURE}, ${CONTENT} FROM node WHERE id IN (SELECT value FROM json_each(?))`,
    ),
    manyByPk: raw<[string], StructureTuple>(
      `SELECT ${STRUCTURE} FROM node WHERE pk IN (SELECT value FROM json_each(?))`,
    ),
    content: raw<[number], ContentTuple>(`SELECT ${CONTENT} FROM node WHERE pk = ?`),
    counts: raw<[number], CountsTuple>(`SELECT ${COUNTS} FROM node WHERE pk = ?`),

    firstChild: raw<[number], StructureTuple>(`SELECT ${STRUCTURE} FROM node WHERE parent = ? ORDER BY lft LIMIT 1`),
    lastChild: raw<[number], StructureTuple>(
      `SELECT ${STRUCTURE} FROM node WHERE parent = ? ORDER BY lft DESC LIMIT 1`,
    ),
    nextChild: raw<[number, number], StructureTuple>(
      `SELECT ${STRUCTURE} FROM node WHERE parent = ? AND lft > ? ORDER BY lft LIMIT 1`,
    ),
    previousChild: raw<[number, number], StructureTuple>(
      `SELECT ${STRUCTURE} FROM node WHERE parent = ? AND lft < ? ORDER BY lft DESC LIMIT 1`,
    ),
    before: raw<[number, number], StructureTuple>(
      `SELECT ${STRUCTURE} FROM node WHERE channel = ? AND lft < ? ORDER BY lft DESC LIMIT 1`,
    ),
    range: raw<[number, number, number], StructureTuple>(
      `SELECT ${STRUCTURE} FROM node WHERE channel = ? AND lft >= ? AND lft < ? ORDER BY lft`,
    ),
    rangeIds: raw<[number, number, number], [id: string, lft: number, rgt: number]>(
      `SELECT id, lft, rgt FROM node WHERE channel = ? AND lft >= ? AND lft < ? ORDER BY lft`,
    ),
    rangeCount: pluck<[number, number, number, number], number>(
      `SELECT count(*) FROM (SELECT 1 FROM node WHERE channel = ? AND lft >= ? AND lft < ? LIMIT ?)`,
    ),
    rangeDepth: pluck<[number, number, number], number>(
      `SELECT max(depth) FROM node WHERE channel = ? AND lft >= ? AND lft < ?`,
    ),
    childCount: pluck<[number], number>(`SELECT count(*) FROM node WHERE parent = ?`),
    lastPk: pluck<[], number>(`SELECT coalesce(max(pk), 0) FROM node`),

    insert: db.prepare<unknown[]>(`INSERT INTO node(pk, ${columns}) VALUES (${Array(23).fill('?').join(', ')})`),
    delete: db.prepare<[number]>(`DELETE FROM node WHERE pk = ?`),
    deleteRange: db.prepare<[number, number, number]>(`DELETE FROM node WHERE channel = ? AND lft >= ? AND lft < ?`),
    deleteChannel: db.prepare<[number]>(`DELETE FROM node WHERE channel = ?`),
    publish: db.prepare<[number]>(
      `UPDATE node SET published = 1, changed = 0 WHERE channel = ? AND complete = 1 AND (published = 0 OR changed = 1)`,
    ),
    clearChangedCounts: db.prepare<[number]>(
      `UPDATE node SET updated_count = 0, new_count = 0 WHERE channel = ? AND (updated_count <> 0 OR new_count <> 0)`,
    ),
    // What is still changed after publishing is incomplete: few rows, each counted in its ancestors.
    countChanged: db.prepare<[number]>(
      `WITH RECURSIVE up(pk, updated, created) AS (
         SELECT parent, published, 1 - published FROM node
           WHERE channel = ? AND changed = 1 AND kind <> 'topic' AND parent IS NOT NULL
         UNION ALL
         SELECT node.parent, up.updated, up.created FROM up JOIN node ON node.pk = up.pk WHERE node.parent IS NOT NULL)
       UPDATE node SET updated_count = s.updated, new_count = s.created
         FROM (SELECT pk, sum(updated) AS updated, sum(created) AS created FROM up GROUP BY pk) AS s
         WHERE node.pk = s.pk`,
    ),

    /** The narrowest UPDATE for the columns named in `mask`. */
    update(mask: number): Statement<unknown[]> {
      let statement = updates.get(mask);
      if (!statement) updates.set(mask, (statement = db.prepare<unknown[]>(update(mask))));
      return statement;
    },
  };
}
