import type { Database } from 'better-sqlite3';
import { statement } from '../database/statement.ts';

export interface ChangesPage {
  /** Log entries as JSON text. */
  results: string[];
  more: boolean;
}

export interface ChangesQuery {
  /** Entries with a rev above this one; 0 by default. */
  after?: number;
  /** Entries with a rev below this one; all by default. */
  before?: number;
  limit: number;
  order?: 'asc' | 'desc';
}

/** Characters of a page, but for its first entry: a thousand entries may be a gigabyte, which no answer can be. */
const LONGEST = 8_388_608;

const ENTRIES = `SELECT entry FROM change_log WHERE channel = ? AND rev > ? AND rev < ? ORDER BY rev`;

/** A page of a channel's log (`channel.pk`), for views of its history. */
export function readChanges(db: Database, channel: number, query: ChangesQuery): ChangesPage {
  const { after = 0, before = Number.MAX_SAFE_INTEGER, limit, order = 'asc' } = query;
  const text = `${ENTRIES} ${order === 'desc' ? 'DESC' : 'ASC'} LIMIT ?`;
  const found = statement<number[], { entry: string }>(db, text).iterate(channel, after, before, limit + 1);
  const results: string[] = [];
  let length = 0;
  for (const { entry } of found) {
    length += entry.length;
    if (results.length === limit || (length > LONGEST && results.length > 0)) return { results, more: true };
    results.push(entry);
  }
  return { results, more: false };
}
