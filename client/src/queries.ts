import { appRowToWire, type AppRowOnWire, type FileRow, type Id, type ItemRow, type NodeRow } from '@cambium/protocol';
import type { Observable } from 'rxjs';
import { Dexie } from 'dexie';
import type { ClientDatabase } from './database/open.ts';
import type { StoredNode } from './database/rows.ts';
import { live } from './live.ts';

/** A node as it is shown. */
export interface ShownNode extends NodeRow {
  has_children: boolean;
}

/** Nodes that `search` returns at most. */
const MOST_FOUND = 100;

export function shown({ order: _order, child_count, ...row }: StoredNode): ShownNode {
  return { ...row, has_children: child_count > 0 };
}

export function isAvailable$(db: ClientDatabase, channel: Id): Observable<boolean> {
  return live(async () => (await db.cursor.get(channel))?.unavailable !== true);
}

export function node$(db: ClientDatabase, id: Id): Observable<ShownNode | null> {
  return live(async () => {
    const row = await db.contentnode.get(id);
    return row ? shown(row) : null;
  });
}

/** Children in order. */
export function children$(db: ClientDatabase, parent: Id): Observable<ShownNode[]> {
  return live(async () => (await childrenOf(db, parent)).map(shown));
}

export function childrenOf(db: ClientDatabase, parent: Id): Promise<StoredNode[]> {
  return db.contentnode.where('[parent_id+order]').between([parent, Dexie.minKey], [parent, Dexie.maxKey]).toArray();
}

/** From the root down to the parent of the node. */
export function ancestors$(db: ClientDatabase, id: Id): Observable<ShownNode[]> {
  return live(async () => {
    const path: ShownNode[] = [];
    const node = await db.contentnode.get(id);
    for (let at = node?.parent_id ?? null; at !== null; at = path[0]?.parent_id ?? null) {
      const row = await db.contentnode.get(at);
      if (!row) break;
      path.unshift(shown(row));
    }
    return path;
  });
}

/** Nodes whose title or description has all the words, in any case; at most 100. */
export function search$(db: ClientDatabase, channel: Id, text: string): Observable<ShownNode[]> {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return live(async () => {
    if (words.length === 0) return [];
    const found = await db.contentnode
      .where('channel_id')
      .equals(channel)
      .filter(({ parent_id, title, description }) => {
        const haystack = `${title}\n${description}`.toLowerCase();
        return parent_id !== null && words.every((word) => haystack.includes(word));
      })
      .limit(MOST_FOUND)
      .toArray();
    return found.map(shown);
  });
}

export function files$(db: ClientDatabase, node: Id): Observable<FileRow[]> {
  return live(() => db.file.where('contentnode').equals(node).toArray());
}

/** The rows of an application's table, oldest id first. */
export function appRows$(db: ClientDatabase, channel: Id, table: string): Observable<AppRowOnWire[]> {
  return live(async () => {
    const rows = await db.app_row.where('[channel_id+table]').equals([channel, table]).toArray();
    return rows.map(appRowToWire);
  });
}

/** The assessment items of a node, in their order. */
export function items$(db: ClientDatabase, node: Id): Observable<ItemRow[]> {
  return live(() => db.assessmentitem.where('contentnode').equals(node).sortBy('order'));
}

/** Every shown node of a channel in document order, without holding more than the open lists. */
export async function* rows(db: ClientDatabase, channel: Id): AsyncGenerator<ShownNode> {
  const root = await db.contentnode.get(channel);
  const stack = root ? [root] : [];
  for (let node = stack.pop(); node; node = stack.pop()) {
    yield shown(node);
    if (node.child_count > 0) stack.push(...(await childrenOf(db, node.id)).reverse());
  }
}
