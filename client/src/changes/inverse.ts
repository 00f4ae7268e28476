import { getPath, type Id, type Json, type JsonObject, type Mods, splitPath, type Table } from '@cambium/protocol';
import { Dexie } from 'dexie';
import { type ClientDatabase, rowTable } from '../database/open.ts';
import type { StoredNode, StoredRow } from '../database/rows.ts';
import type { NewChange } from './enqueue.ts';

/** Nodes of a deleted topic that can still be made again in one group. */
const MOST = 900;

/**
 * The changes that take a change of a node back, told from how things stand before it. Null: it cannot be taken back
 * (files went with the node, and their bytes cannot be promised; or it is no change of a node).
 */
export async function inverseOf(db: ClientDatabase, change: NewChange): Promise<NewChange[] | null> {
  const { type, table, key, channel_id } = change;
  if (table !== 'contentnode' || typeof key !== 'string') return null;
  const of = (more: JsonObject & { type: string }): NewChange[] => [{ table, key, channel_id, ...more }];
  if (type === 'CREATED' || type === 'COPIED') return of({ type: 'DELETED' });
  const node = await db.contentnode.get(key);
  if (!node) return null;
  if (type === 'UPDATED') return of({ type, mods: oldValues(node, change['mods'] as Mods) });
  // A root is neither moved nor deleted: the change is about to be refused, and there is nothing to take back.
  if (node.parent_id === null) return null;
  if (type === 'MOVED') return of({ type, ...(await placeOf(db, node)) });
  return type === 'DELETED' ? remade(db, node) : null;
}

/** The last path first: what was set later is taken back earlier. */
function oldValues(node: StoredNode, mods: Mods): Mods {
  const before = Object.keys(mods).map((path): [string, Json] => {
    const made = madeOnTheWay(node, path);
    return made === null ? [path, getPath(node, path)] : [made, null];
  });
  return Object.fromEntries(before.toReversed());
}

/** A deep path that is set makes the objects on its way: the topmost of them has to go again. */
function madeOnTheWay(node: StoredNode, path: string): string | null {
  const parts = splitPath(path);
  const above = parts.slice(2).map((_part, index) => parts.slice(0, index + 2).join('.'));
  return above.find((prefix) => getPath(node, prefix) === null) ?? null;
}

/** Where a node stands, in the words of a change: after its sibling, or first in its parent. */
async function placeOf(db: ClientDatabase, node: StoredNode): Promise<JsonObject> {
  const siblings = await childrenOf(db, node.parent_id as Id);
  const before = siblings[siblings.findIndex(({ id }) => id === node.id) - 1];
  return before
    ? { target: before.id, position: 'right', parent: node.parent_id }
    : { target: node.parent_id, position: 'first-child' };
}

function childrenOf(db: ClientDatabase, parent: Id): Promise<StoredNode[]> {
  return db.contentnode.where('[parent_id+order]').between([parent, Dexie.minKey], [parent, Dexie.maxKey]).toArray();
}

/** Makes a node anew under its old id, with all that is below it and hangs on it. */
async function remade(db: ClientDatabase, top: StoredNode): Promise<NewChange[] | null> {
  const nodes: StoredNode[] = [];
  const stack = [top];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (nodes.push(node) > MOST) return null;
    if (node.child_count > 0) stack.push(...(await childrenOf(db, node.id)).reverse());
  }
  const ids = nodes.map(({ id }) => id);
  if ((await db.file.where('contentnode').anyOf(ids).count()) > 0) return null;
  const made: NewChange[] = [];
  for (const node of nodes) {
    const place = node === top ? await placeOf(db, node) : { target: node.parent_id, position: 'last-child' };
    made.push({ ...created('contentnode', node.id, top.channel_id, node), ...place });
  }
  for (const table of ['assessmentitem', 'contentnode_prerequisite'] as const) {
    for (const row of await hanging(db, table, ids)) {
      const pair = [row['target_node'], row['prerequisite']] as [Id, Id];
      const key = table === 'assessmentitem' ? (row['id'] as Id) : pair;
      made.push(created(table, key, top.channel_id, row));
    }
  }
  return made;
}

async function hanging(
  db: ClientDatabase,
  table: 'assessmentitem' | 'contentnode_prerequisite',
  ids: Id[],
): Promise<StoredRow[]> {
  const rows = rowTable(db, table);
  if (table === 'assessmentitem') return rows.where('contentnode').anyOf(ids).toArray();
  const pairs = new Map<string, StoredRow>();
  const note = (row: StoredRow): void =>
    void pairs.set(`${String(row['target_node'])}:${String(row['prerequisite'])}`, row);
  (await rows.where('prerequisite').anyOf(ids).toArray()).forEach(note);
  for (const id of ids) {
    const range = rows.where('[target_node+prerequisite]').between([id, Dexie.minKey], [id, Dexie.maxKey]);
    (await range.toArray()).forEach(note);
  }
  return [...pairs.values()];
}

/** What the author may not say of a new row is left out where the change is read. */
function created(table: Table, key: Id | [Id, Id], channel_id: Id, row: object): NewChange {
  const { id: _id, parent_id: _parent, order: _order, child_count: _count, ...obj } = row as Record<string, Json>;
  return { type: 'CREATED', table, key, channel_id, obj };
}
