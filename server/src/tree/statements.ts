import type { Database, Statement } from 'better-sqlite3';
import { BulkInsert } from '../database/bulkInsert.ts';
import { update } from './column.ts';

const BEHIND_ID = 'channel, parent, lft, rgt, depth, total_count';
const STRUCTURE = `pk, id, ${BEHIND_ID}`;
const CONTENT = 'kind, title, complete, changed, published, coach, modified, rev, fields, item_count';
/** Large rows come without their content when many are loaded together: a batch may name thousands. */
const SMALL = CONTENT.replace('fields', 'CASE WHEN octet_length(fields) <= 16384 THEN fields END');
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
export type WholeTuple = [
  ...StructureTuple,
  kind: string,
  title: string,
  complete: number,
  changed: number,
  published: number,
  coach: number,
  modified: string,
  rev: number,
  /** Null: they are large and were not loaded with many others. */
  fields: string | null,
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

/** With the index of the id in the list that was asked for, instead of the id. */
export type IndexedTuple = [
  pk: number,
  index: number,
  ...(WholeTuple extends [number, string, ...infer Rest] ? Rest : []),
];

export interface Statements {
  byId: Statement<[id: string], WholeTuple>;
  byPk: Statement<[pk: number], StructureTuple>;
  /** Ids as a JSON array. */
  manyById: Statement<[ids: string], IndexedTuple>;
  /** Pks as a JSON array. */
  manyByPk: Statement<[pks: string], StructureTuple>;
  /** Pks as a JSON array. */
  manyWhole: Statement<[pks: string], WholeTuple>;
  /** The last children of the nodes with these pks, a JSON array. */
  manyLast: Statement<[pks: string], StructureTuple>;
  whole: Statement<[pk: number], WholeTuple>;
  counts: Statement<[pk: number], CountsTuple>;

  firstChild: Statement<[parent: number], StructureTuple>;
  lastChild: Statement<[parent: number], StructureTuple>;
  nextChild: Statement<[parent: number, lft: number], StructureTuple>;
  previousChild: Statement<[parent: number, lft: number], StructureTuple>;
  /** The last node of a channel that opens before a label. */
  before: Statement<[channel: number, label: number], StructureTuple>;
  range: Statement<[channel: number, from: number, to: number], StructureTuple>;
  rangeIds: Statement<[channel: number, from: number, to: number], [id: string, lft: number, rgt: number]>;
  /** Stops counting at the limit. */
  rangeCount: Statement<[channel: number, from: number, to: number, limit: number], number>;
  rangeDepth: Statement<[channel: number, from: number, to: number], number>;
  childCount: Statement<[parent: number], number>;
  lastPk: Statement<[], number>;

  /** For the rows of one flush. */
  inserts(): BulkInsert;
  delete: Statement<[pk: number]>;
  deleteRange: Statement<[channel: number, from: number, to: number]>;
  publish: Statement<[channel: number]>;
  clearChangedCounts: Statement<[channel: number]>;
  countChanged: Statement<[channel: number]>;
  /** The narrowest UPDATE for the columns named in `mask`. */
  update(mask: number): Statement<unknown[]>;
}

const compiled = new WeakMap<Database, Statements>();

/** Compiled once for each connection and shared by its batches: compiling costs more than most of them take to run. */
export function statementsOf(db: Database): Statements {
  let statements = compiled.get(db);
  if (!statements) compiled.set(db, (statements = prepareAll(db)));
  return statements;
}

function prepareAll(db: Database): Statements {
  const raw = <P extends unknown[], R>(sql: string): Statement<P, R> => db.prepare<P, R>(sql).raw();
  const pluck = <P extends unknown[], R>(sql: string): Statement<P, R> => db.prepare<P, R>(sql).pluck();
  const updates = new Map<number, Statement<unknown[]>>();
  const columns = `id, channel, parent, lft, rgt, depth, ${CONTENT}, ${COUNTS}`;
  return {
    byId: raw(`SELECT ${STRUCTURE}, ${CONTENT} FROM node WHERE id = ?`),
    byPk: raw(`SELECT ${STRUCTURE} FROM node WHERE pk = ?`),
    // In the order of ids, which is that of the index and mostly that of rows: reading costs less so, and what is read in
    // order is written in order. Without a limit the order of a part is left out as of no consequence.
    manyById: raw(
      `WITH list AS (SELECT key, value FROM json_each(?) ORDER BY value LIMIT -1)
       SELECT pk, key, ${BEHIND_ID}, ${SMALL} FROM list CROSS JOIN node ON node.id = value`,
    ),
    manyByPk: raw(`SELECT ${STRUCTURE} FROM node WHERE pk IN (SELECT value FROM json_each(?))`),
    manyWhole: raw(`SELECT ${STRUCTURE}, ${SMALL} FROM node WHERE pk IN (SELECT value FROM json_each(?))`),
    manyLast: raw(
      `SELECT ${STRUCTURE} FROM node WHERE pk IN (
         SELECT (SELECT pk FROM node WHERE parent = value ORDER BY lft DESC LIMIT 1) FROM json_each(?))`,
    ),
    whole: raw(`SELECT ${STRUCTURE}, ${CONTENT} FROM node WHERE pk = ?`),
    counts: raw(`SELECT ${COUNTS} FROM node WHERE pk = ?`),

    firstChild: raw(`SELECT ${STRUCTURE} FROM node WHERE parent = ? ORDER BY lft LIMIT 1`),
    lastChild: raw(`SELECT ${STRUCTURE} FROM node WHERE parent = ? ORDER BY lft DESC LIMIT 1`),
    nextChild: raw(`SELECT ${STRUCTURE} FROM node WHERE parent = ? AND lft > ? ORDER BY lft LIMIT 1`),
    previousChild: raw(`SELECT ${STRUCTURE} FROM node WHERE parent = ? AND lft < ? ORDER BY lft DESC LIMIT 1`),
    before: raw(`SELECT ${STRUCTURE} FROM node WHERE channel = ? AND lft < ? ORDER BY lft DESC LIMIT 1`),
    range: raw(`SELECT ${STRUCTURE} FROM node WHERE channel = ? AND lft >= ? AND lft < ? ORDER BY lft`),
    rangeIds: raw(`SELECT id, lft, rgt FROM node WHERE channel = ? AND lft >= ? AND lft < ? ORDER BY lft`),
    rangeCount: pluck(`SELECT count(*) FROM (SELECT 1 FROM node WHERE channel = ? AND lft >= ? AND lft < ? LIMIT ?)`),
    rangeDepth: pluck(`SELECT max(depth) FROM node WHERE channel = ? AND lft >= ? AND lft < ?`),
    childCount: pluck(`SELECT count(*) FROM node WHERE parent = ?`),
    lastPk: pluck(`SELECT coalesce(max(pk), 0) FROM node`),

    inserts: () => new BulkInsert(db, `node(pk, ${columns})`, `(${Array(23).fill('?').join(', ')})`),
    delete: db.prepare(`DELETE FROM node WHERE pk = ?`),
    deleteRange: db.prepare(`DELETE FROM node WHERE channel = ? AND lft >= ? AND lft < ?`),
    publish: db.prepare(
      `UPDATE node SET published = 1, changed = 0 WHERE channel = ? AND complete = 1 AND (published = 0 OR changed = 1)`,
    ),
    clearChangedCounts: db.prepare(
      `UPDATE node SET updated_count = 0, new_count = 0 WHERE channel = ? AND (updated_count <> 0 OR new_count <> 0)`,
    ),
    // What is still changed after publishing is incomplete: few rows, each counted in its ancestors.
    countChanged: db.prepare(
      `WITH RECURSIVE up(pk, updated, created) AS (
         SELECT parent, published, 1 - published FROM node
           WHERE channel = ? AND changed = 1 AND kind <> 'topic' AND parent IS NOT NULL
         UNION ALL
         SELECT node.parent, up.updated, up.created FROM up JOIN node ON node.pk = up.pk WHERE node.parent IS NOT NULL)
       UPDATE node SET updated_count = s.updated, new_count = s.created
         FROM (SELECT pk, sum(updated) AS updated, sum(created) AS created FROM up GROUP BY pk) AS s
         WHERE node.pk = s.pk`,
    ),

    update(mask) {
      let statement = updates.get(mask);
      if (!statement) updates.set(mask, (statement = db.prepare<unknown[]>(update(mask))));
      return statement;
    },
  };
}
