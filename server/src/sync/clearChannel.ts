import type { Database } from 'better-sqlite3';
import { statement } from '../database/statement.ts';

/**
 * What goes with the channel at once: bytes and quotas hang on its files. Its log, its members and its id stay: former
 * members read the last entry.
 */
const STATEMENTS = [
  `INSERT OR IGNORE INTO tombstone(id, table_name, channel) SELECT id, 'file', channel FROM file WHERE channel = ?`,
  `DELETE FROM file WHERE channel = ?`,
];

/** Takes the files out of a channel that is being deleted. Its other rows nobody finds any more: `clearRemains` has time. */
export function clearChannel(db: Database, channel: number): void {
  for (const text of STATEMENTS) statement(db, text).run(channel);
}

const LAST_ROWS = `WHERE channel = :channel ORDER BY pk DESC LIMIT :most`;
/** Backwards in document order: what is left is a tree at any time, and its root goes last. */
const LAST_NODES = `WHERE channel = :channel ORDER BY lft DESC LIMIT :most`;

/** Rows that are left of a deleted channel, and what stays of them so that their ids are never used elsewhere. */
const REMAINS = [
  [
    `INSERT OR IGNORE INTO tombstone(id, table_name, channel) SELECT id, table_name, channel FROM app_row ${LAST_ROWS}`,
    `DELETE FROM app_row WHERE pk IN (SELECT pk FROM app_row ${LAST_ROWS})`,
  ],
  [
    `INSERT OR IGNORE INTO tombstone(id, table_name, channel) SELECT id, 'assessmentitem', channel FROM assessmentitem ${LAST_ROWS}`,
    `DELETE FROM assessmentitem WHERE pk IN (SELECT pk FROM assessmentitem ${LAST_ROWS})`,
  ],
  [
    `DELETE FROM prerequisite WHERE (target_node, prerequisite) IN
       (SELECT target_node, prerequisite FROM prerequisite WHERE channel = :channel LIMIT :most)`,
  ],
  [
    `INSERT OR IGNORE INTO tombstone(id, table_name, channel) SELECT id, 'contentnode', channel FROM node ${LAST_NODES}`,
    `DELETE FROM node WHERE pk IN (SELECT pk FROM node ${LAST_NODES})`,
  ],
];

/**
 * Takes out some of what is left of a deleted channel. There may be millions of rows, which no transaction should take
 * out at once; the nodes are the last to go.
 *
 * @returns how many rows went; 0 when none was left
 */
export function clearRemains(db: Database, channel: number, most: number): number {
  let room = most;
  for (const statements of REMAINS) {
    let gone = 0;
    for (const text of statements) gone = statement(db, text).run({ channel, most: room }).changes;
    room -= gone;
    if (room === 0) break;
  }
  return most - room;
}
