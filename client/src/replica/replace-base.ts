import { type Id, isEqualJson, type JsonObject, keyText, type Table, TABLES } from '@cambium/protocol';
import { generateNKeysBetween } from 'fractional-indexing';
import { type ClientDatabase, rowTable } from '../database/open.ts';
import { type Queue, transactQueue } from '../database/queue.ts';
import { keyFromText, keyOf, type StoredChannel, type StoredNode, type StoredRow } from '../database/rows.ts';
import { dropConfirmed, predictAgain } from './again.ts';
import { pendingOf } from './rebase.ts';
import { rowFromRest } from './rest.ts';
import { rollback } from './rollback.ts';
import { Workspace } from './workspace.ts';

/** One row of a snapshot. */
export interface Line {
  table: Table;
  row: JsonObject;
}

/** A state of one channel: its rows with nodes in document order, and its own row. */
export interface ChannelState {
  rev: number;
  rows: Line[];
  channel: StoredChannel;
}

/**
 * Puts a snapshot in place of base, in one transaction: only rows that differ are written, siblings whose order is the
 * same keep their keys, and what is pending goes on top again.
 */
export function replaceBase(outer: Queue, channel: Id, state: ChannelState): Promise<void> {
  return transactQueue(outer, async (queue) => {
    const { db } = queue;
    // A page that came in the meantime may have moved base beyond this state.
    const cursor = await db.cursor.get(channel);
    if (!cursor || (cursor.snapshot === null && cursor.rev >= state.rev)) return;
    const workspace = new Workspace(db);
    await rollback(
      (await pendingOf(queue, channel)).map(({ rev }) => rev),
      workspace,
    );
    await workspace.flush();
    for (const table of TABLES) if (table !== 'channel') await replaceRows(db, channel, table, state.rows);
    await db.channel.put(state.channel);
    await db.cursor.update(channel, { rev: state.rev, snapshot: null, progress: null, unavailable: false });
    await dropConfirmed(queue, channel, state.rev);
    await predictAgain(queue, channel);
  });
}

async function replaceRows(db: ClientDatabase, channel: Id, table: Table, lines: readonly Line[]): Promise<void> {
  const old = new Map<string, StoredRow>();
  for (const row of await rowTable(db, table).where('channel_id').equals(channel).toArray()) {
    old.set(keyText(keyOf(table, row)), row);
  }
  const rows = lines.filter((line) => line.table === table).map((line) => rowFromRest(table, line.row));
  if (table === 'contentnode') placeNodes(rows as unknown as StoredNode[], old as unknown as Map<Id, StoredNode>);
  const puts: StoredRow[] = [];
  for (const row of rows) {
    const key = keyText(keyOf(table, row));
    if (!isEqualJson(old.get(key), row)) puts.push(row);
    old.delete(key);
  }
  await rowTable(db, table).bulkDelete([...old.keys()].map((key) => keyFromText(table, key)));
  await rowTable(db, table).bulkPut(puts);
}

/** Gives nodes in document order their order keys and counts. */
function placeNodes(nodes: StoredNode[], old: ReadonlyMap<Id, StoredNode>): void {
  const children = new Map<Id | null, StoredNode[]>();
  for (const node of nodes) {
    const list = children.get(node.parent_id);
    if (list) list.push(node);
    else children.set(node.parent_id, [node]);
  }
  for (const node of nodes) node.child_count = children.get(node.id)?.length ?? 0;
  for (const [parent, list] of children) {
    if (parent === null) for (const root of list) root.order = '';
    else placeSiblings(list, old);
  }
}

function placeSiblings(list: StoredNode[], old: ReadonlyMap<Id, StoredNode>): void {
  const keys = list.map((node) => {
    const before = old.get(node.id);
    return before?.parent_id === node.parent_id ? before.order : null;
  });
  const known = keys.filter((key) => key !== null);
  const isInOrder = known.every((key, index) => index === 0 || (known[index - 1] as string) < key);
  if (!isInOrder) keys.fill(null);
  fillGaps(keys);
  for (const [index, node] of list.entries()) node.order = keys[index] as string;
}

/** Makes keys for every run of nulls, between its neighbours. */
function fillGaps(keys: (string | null)[]): void {
  for (let from = 0; from < keys.length; from += 1) {
    if (keys[from] !== null) continue;
    let to = from;
    while (to < keys.length && keys[to] === null) to += 1;
    const made = generateNKeysBetween(keys[from - 1] ?? null, keys[to] ?? null, to - from);
    keys.splice(from, made.length, ...made);
    from = to;
  }
}
