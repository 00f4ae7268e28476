import type { Database } from 'better-sqlite3';
import { statement } from '../database/statement.ts';

/** Statements that end a channel's rows. Its log, its members and its id stay: former members read the last entry. */
const STATEMENTS = [
  `INSERT OR IGNORE INTO tombstone(id, table_name, channel) SELECT id, 'contentnode', channel FROM node WHERE channel = ?`,
  `INSERT OR IGNORE INTO tombstone(id, table_name, channel) SELECT id, 'assessmentitem', channel FROM assessmentitem WHERE channel = ?`,
  `INSERT OR IGNORE INTO tombstone(id, table_name, channel) SELECT id, 'file', channel FROM file WHERE channel = ?`,
  `INSERT OR IGNORE INTO tombstone(id, table_name, channel) SELECT id, table_name, channel FROM app_row WHERE channel = ?`,
  `DELETE FROM app_row WHERE channel = ?`,
  `DELETE FROM prerequisite WHERE channel = ?`,
  `DELETE FROM assessmentitem WHERE channel = ?`,
  `DELETE FROM file WHERE channel = ?`,
];

/** Takes everything but its nodes (NodeBatch does that) out of a deleted channel, set by set. */
export function clearChannel(db: Database, channel: number): void {
  for (const text of STATEMENTS) statement(db, text).run(channel);
}
