import type { Id } from '@cambium/protocol';
import type { Database } from 'better-sqlite3';

/** One way to keep a tree in SQLite. Every write is a transaction of its own; all have the same table of nodes. */
export interface TreeModel {
  readonly name: string;
  readonly db: Database;
  /** A leaf right of `sibling`. */
  insert(id: Id, sibling: Id): void;
  /** The node with all below it goes last in `parent`, or right of `sibling` there. */
  move(id: Id, parent: Id, sibling?: Id): void;
  /** Copies the node with all below it, last in `parent`; `newId` names the copies. */
  copy(id: Id, parent: Id, newId: () => Id): void;
  /** The node and all below it, in document order, as rows. */
  subtree(id: Id): { id: Id }[];
  /** The first 100 children in their order, as rows, each with the number of nodes below it. */
  page(id: Id): { id: Id; below: number }[];
  /** The node first, its root last. */
  ancestors(id: Id): Id[];
  /** How many nodes are below it. */
  count(id: Id): number;
  /** What is wrong with the tree; empty when nothing is. */
  problems(): string[];
}

/** By the parents alone, which is the best that all of them can do. */
export const ANCESTORS = `WITH RECURSIVE up(pk, id, parent) AS (SELECT pk, id, parent FROM node WHERE id = ?
  UNION ALL SELECT a.pk, a.id, a.parent FROM up JOIN node a ON a.pk = up.parent) SELECT id FROM up`;

/** In the order of labels, of which only the order counts: the same statement for sparse and for dense ones. */
export const SUBTREE = `SELECT d.* FROM node t JOIN node d ON d.channel = t.channel AND d.lft >= t.lft AND d.lft < t.rgt
  WHERE t.id = ? ORDER BY d.lft`;

/** The columns of a new row beside its place, as `NEW` gives them. */
export const CONTENT = 'kind, title, complete, changed, published, coach, modified, rev, fields';
export const NEW = `'video', 'A title of usual length', 1, 1, 0, 0, '2026-01-01T00:00:00.000Z', 1, '{}'`;
