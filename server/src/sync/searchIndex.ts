import type { Database } from 'better-sqlite3';
import { fieldOf, type Id, type LogEntry, type TableRow } from '@cambium/protocol';
import { statement } from '../database/statement.ts';
import { searchText } from '../tables/search.ts';
import { copiedLines } from './copiedRows.ts';

const STATE = `SELECT rev, part FROM search_state WHERE channel = ?`;
const ENTRIES = `SELECT rev, entry FROM change_log WHERE channel = ? AND rev > ? ORDER BY rev LIMIT ?`;
const NODE = `SELECT pk, title, fields FROM node WHERE id = ?`;
const WRITE = `INSERT OR REPLACE INTO search(rowid, title, description, tags) VALUES(?, ?, ?, ?)`;
const SAVE = `INSERT OR REPLACE INTO search_state(channel, rev, part) VALUES(?, ?, ?)`;
const HEAD = `SELECT head FROM channel WHERE pk = ?`;
const BEHIND = `SELECT c.pk, c.head FROM channel c LEFT JOIN search_state s ON s.channel = c.pk
  WHERE c.deleted = 0 AND c.head > coalesce(s.rev, 0) AND (? IS NULL OR c.pk = ?)`;

/** Fields whose words are searched. */
const SEARCHED = new Set(['title', 'description', 'tags']);

/** Channels of which log entries are not in the index yet, with their heads: of all, or of one (pk). */
export function channelsBehind(db: Database, channel: number | null = null): { pk: number; head: number }[] {
  return statement<unknown[], { pk: number; head: number }>(db, BEHIND).all(channel, channel);
}

/**
 * Takes up to `most` nodes, named by the next entries of a channel's log, into the search index as they are now.
 * What is deleted stays in the index until it is swept: a search joins it with the nodes that exist.
 *
 * The index follows the log and is not written with the rows: its price is then paid once for a row that changes ten
 * times, and never by the author who waits for an answer. A search brings it up to date first.
 *
 * @returns false when the index has the whole log
 */
export function followLog(db: Database, channel: number, most: number): boolean {
  const state = statement<[number], { rev: number; part: number }>(db, STATE).get(channel);
  let { rev, part } = state ?? { rev: 0, part: 0 };
  // One after the other: of large ones that are not needed any more none is read.
  const entries = statement<number[], { rev: number; entry: string }>(db, ENTRIES).iterate(channel, rev, most);
  const ids = new Set<Id>();
  for (const { rev: next, entry } of entries) {
    const { total, idsOf } = touchedNodes(db, channel, next, entry);
    const end = Math.min(total, part + most - ids.size);
    for (const id of idsOf(part, end)) ids.add(id);
    [rev, part] = end < total ? [rev, end] : [next, 0];
    if (ids.size >= most) break;
  }
  indexNodes(db, ids);
  statement(db, SAVE).run(channel, rev, part);
  return rev < (statement<[number], { head: number }>(db, HEAD).get(channel)?.head ?? 0);
}

/** Writes the words of nodes; ids of what is gone are passed over. */
export function indexNodes(db: Database, ids: Iterable<Id>): void {
  const read = statement<[Id], { pk: number; title: string; fields: string }>(db, NODE);
  const write = statement(db, WRITE);
  for (const id of ids) {
    const node = read.get(id);
    if (!node) continue;
    const { title, description, tags } = searchText(node.title, node.fields);
    write.run(node.pk, title, description, tags);
  }
}

/** Nodes whose words an entry may have changed, from one place among them to another. */
interface Touched {
  total: number;
  idsOf(from: number, to: number): Id[];
}

function touchedNodes(db: Database, channel: number, rev: number, text: string): Touched {
  const entry = JSON.parse(text) as LogEntry;
  if (entry.type !== 'COPIED') return mayHaveNewWords(entry) ? listed([entry.key as Id]) : listed([]);
  if (entry.rows_at === undefined) return listed((entry.rows ?? []).flatMap(nodeId));
  const lines = copiedLines(db, channel, rev) ?? [];
  return {
    total: lines.length,
    // Only so many lines of a large copy are parsed as are taken at a time.
    idsOf: (from, to) => lines.slice(from, to).flatMap((line) => nodeId(JSON.parse(line) as TableRow)),
  };
}

function listed(ids: Id[]): Touched {
  return { total: ids.length, idsOf: (from, to) => ids.slice(from, to) };
}

function nodeId({ table, row }: TableRow): Id[] {
  return table === 'contentnode' ? [(row as { id: Id }).id] : [];
}

function mayHaveNewWords({ type, table, mods = {} }: LogEntry): boolean {
  // A channel's name is its root's title, and its id the root's.
  if (table === 'channel') return type === 'CREATED' || 'name' in mods;
  if (table !== 'contentnode') return false;
  return type === 'CREATED' || (type === 'UPDATED' && Object.keys(mods).some((path) => SEARCHED.has(fieldOf(path))));
}
