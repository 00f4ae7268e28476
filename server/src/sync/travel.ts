import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import {
  Refusal,
  appRowToWire,
  keyText,
  normalizeId,
  storedTable,
  type Id,
  type Key,
  type LogEntry,
} from '@cambium/protocol';
import { MemoryTree, applyEntry, type Counts } from '@cambium/tree';
import { statement } from '../database/statement.ts';
import { nameOfOrigin } from '../tables/read/origin.ts';
import { nodeRest, prerequisiteToRest, rowToRest } from '../tables/rest.ts';
import type { User } from '../writer/writer.ts';
import { copiedLines, copiedRow } from './copiedRows.ts';
import { checkpointOf, readCheckpoint } from './compact/checkpoint.ts';
import type { ChannelState, Rows, SnapshotLine } from './snapshotRows.ts';
import { rowKey } from './storedRows.ts';

/** Entries replayed, and rows handed out, before other requests have their turn. */
const PAGE = 500;

const ENTRIES = `SELECT rev, entry FROM change_log WHERE channel = ? AND rev > ? AND rev <= ? ORDER BY rev LIMIT ${PAGE}`;

/** The rows of a channel as they were at a rev, as the viewer is shown them: its checkpoint and the log after it, replayed in memory. */
export async function pastRows(
  db: Database,
  channel: ChannelState,
  { viewer, under, after }: { viewer: User; under?: Id; after?: string },
  at: number,
): Promise<Rows> {
  const tree = await replay(db, channel.pk, at);
  const top = under ?? channel.id;
  if (after !== undefined && !isRow(tree, after)) throw new Refusal('invalid_value', { field: 'after' });
  if (!tree.row('contentnode', top)) throw new Refusal('not_found', { field: 'under' });
  return {
    header: { channel_id: channel.id, server_rev: at, nodes: null, files: null },
    pages: linesOf(tree, (origin) => nameOfOrigin(db, viewer, origin), channel.id, top),
  };
}

/** Is there such a row, `TABLE:ID`, or `TABLE:TARGET:PREREQUISITE` for a pair? */
function isRow(tree: MemoryTree, name: string): boolean {
  const [table, ...ids] = name.split(':');
  const [first, second] = ids.map(normalizeId);
  if (table === undefined || !first) return false;
  const key: Key = table === 'contentnode_prerequisite' ? [first, second ?? ''] : first;
  const row = tree.row(storedTable(table), key);
  return row !== undefined && (!('table' in row) || row.table === table);
}

/** The channel's state at a rev: its last checkpoint, and the log from there on carried out in memory. */
export async function replay(db: Database, channel: number, to: number): Promise<MemoryTree> {
  const tree = new MemoryTree();
  const checkpoint = checkpointOf(db, channel);
  if (checkpoint > 0) {
    for (const part of readCheckpoint(db, channel, checkpoint)) {
      for (const row of part) tree.load(row);
      await setImmediate();
    }
  }
  const entries = statement<number[], { rev: number; entry: string }>(db, ENTRIES);
  for (let last = checkpoint; ;) {
    const page = entries.all(channel, last, to);
    for (const { rev, entry } of page) tree.apply(applyEntry(withRows(db, channel, rev, entry), tree));
    if (page.length < PAGE) return tree;
    last = (page.at(-1) as { rev: number }).rev;
    await setImmediate();
  }
}

/** An entry from its stored text, complete: with the rows that are kept apart. */
export function withRows(db: Database, channel: number, rev: number, text: string): LogEntry {
  const entry = JSON.parse(text) as LogEntry;
  if (entry.rows_at === undefined) return entry;
  const lines = copiedLines(db, channel, rev);
  if (lines === undefined) throw new Error(`the rows of copy ${rev} are missing`);
  return { ...entry, rows: lines.map(copiedRow) };
}

function* linesOf(tree: MemoryTree, nameOf: NameOf, channel: Id, top: Id): Generator<SnapshotLine[]> {
  const counts = tree.allCounts(top);
  const lines = function* (rows: Iterable<Stored>): Generator<SnapshotLine[]> {
    let page: SnapshotLine[] = [];
    for (const stored of rows) {
      page.push(lineOf(tree, nameOf, stored, counts));
      if (page.length < PAGE) continue;
      yield page;
      page = [];
    }
    yield page;
  };
  const hanging: Stored[] = [];
  const nodes = function* (): Generator<Stored> {
    for (const stored of tree.rows(channel, top)) {
      if (stored.table === 'contentnode') yield stored;
      else if (stored.table !== 'channel') hanging.push(stored);
    }
  };
  yield* lines(nodes());
  // The same order however the state was come by, as a stream that was cut may be gone on with from another one.
  yield* lines(hanging.toSorted(byTableAndKey));
}

const TABLES = ['assessmentitem', 'contentnode_prerequisite', 'file', 'app_row'];

function byTableAndKey(a: Stored, b: Stored): number {
  if (a.table !== b.table) return TABLES.indexOf(a.table) - TABLES.indexOf(b.table);
  return rowKey(a.row) < rowKey(b.row) ? -1 : 1;
}

/** The name of a channel that nodes were copied from; null for who may not see it. */
type NameOf = (origin: Id) => string | null;

type Stored = ReturnType<MemoryTree['rows']> extends Generator<infer Row> ? Row : never;

function lineOf(tree: MemoryTree, nameOf: NameOf, stored: Stored, counts: Map<Id, Counts>): SnapshotLine {
  switch (stored.table) {
    case 'contentnode':
      return { table: 'contentnode', key: stored.row.id, row: pastNode(tree, nameOf, stored.row, counts) };
    case 'contentnode_prerequisite': {
      const { target_node, prerequisite } = stored.row;
      return { table: stored.table, key: keyText([target_node, prerequisite]), row: prerequisiteToRest(stored.row) };
    }
    case 'app_row':
      return { table: stored.row.table, key: stored.row.id, row: appRowToWire(stored.row) };
    case 'channel':
      throw new Error('a channel is no line of a snapshot');
    default:
      return { table: stored.table, key: stored.row.id, row: rowToRest(stored.row) };
  }
}

function pastNode(
  tree: MemoryTree,
  nameOf: NameOf,
  row: Extract<Stored, { table: 'contentnode' }>['row'],
  counts: Map<Id, Counts>,
): object {
  const { updated_count, new_count, ...same } = counts.get(row.id) as Counts;
  const origin = row.original_channel_id ?? row.channel_id;
  return nodeRest(row, {
    ...same,
    has_updated_descendants: updated_count > 0,
    has_new_descendants: new_count > 0,
    assessment_item_count: tree.attachedTo('assessmentitem', row.id).length,
    // The origin's name is not this channel's to remember: it is told as it is now.
    original_channel_name: nameOf(origin),
    thumbnail_url: thumbnailOf(tree, row.id),
  });
}

function thumbnailOf(tree: MemoryTree, node: Id): string | null {
  for (const file of tree.attachedTo('file', node)) {
    if ('preset' in file && file.uploaded && file.preset?.endsWith('_thumbnail')) return file.url;
  }
  return null;
}
