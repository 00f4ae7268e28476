import { derivedId, LIMITS, textLength, type FileRow, type Id, type ItemRow, type NodeRow } from '@cambium/protocol';
import type { TreeReader } from '../../reader.ts';
import { filesOf, itemsOf } from '../attached.ts';
import { remapExtraFields } from './remap.ts';

/** Everything that a copy makes, in document order; the copy's root comes first. */
export interface CopiedRows {
  nodes: NodeRow[];
  items: ItemRow[];
  files: FileRow[];
}

/** What every copied row is given. */
export interface Copying {
  /** The id of the copy's root: all other ids follow from it and the source's. */
  key: Id;
  channel: Id;
  parent: Id;
  at: string;
}

/**
 * Null when the rows have too much text for one copy: no more of them are read then than that takes.
 *
 * @param ids the nodes to copy in document order, the source's root first
 */
export function copyRows(ids: Id[], copying: Copying, reader: TreeReader): CopiedRows | null {
  const { key, channel, at } = copying;
  const copies = new Map<Id, Id>(ids.map((id, index) => [id, index === 0 ? key : derivedId(key, id)]));
  reader.foresee?.(ids, [...copies.values()]);
  const items: ItemRow[] = [];
  const files: FileRow[] = [];
  let text = 0;
  const isTooMuch = (row: object): boolean => (text += textLength(row)) > LIMITS.copyText;
  for (const id of ids) {
    files.push(...inOrder(filesOf(id, reader)));
    for (const item of inOrder(itemsOf(id, reader))) {
      if (isTooMuch(item)) return null;
      const itemId = derivedId(key, item.id);
      copies.set(item.id, itemId);
      files.push(...inOrder(filesOf(item.id, reader)));
      items.push({
        ...item,
        id: itemId,
        channel_id: channel,
        contentnode: copies.get(id) as Id,
        modified: at,
      });
    }
  }
  const nodes: NodeRow[] = [];
  for (const id of ids) {
    const source = reader.row('contentnode', id);
    if (source === undefined) throw new Error(`the subtree of the source names ${id}, which is no node`);
    if (isTooMuch(source)) return null;
    const parent = copies.get(source.parent_id ?? '') ?? copying.parent;
    nodes.push(copyNode(source, copies.get(id) as Id, id === ids[0] ? copying.parent : parent, copying, copies));
  }
  return { nodes, items, files: files.map((file) => copyFile(file, copying, copies)) };
}

function copyFile(source: FileRow, { key, channel, at }: Copying, copies: Map<Id, Id>): FileRow {
  return {
    ...source,
    id: derivedId(key, source.id),
    channel_id: channel,
    contentnode: copies.get(source.contentnode ?? '') ?? null,
    assessment_item: copies.get(source.assessment_item ?? '') ?? null,
    modified: at,
  };
}

function copyNode(source: NodeRow, id: Id, parent: Id, { channel, at }: Copying, copies: Map<Id, Id>): NodeRow {
  return {
    ...source,
    id,
    channel_id: channel,
    parent_id: parent,
    node_id: id,
    extra_fields: remapExtraFields(source.extra_fields, copies),
    original_channel_id: source.original_channel_id ?? source.channel_id,
    original_source_node_id: source.original_source_node_id ?? source.node_id,
    source_channel_id: source.channel_id,
    source_node_id: source.node_id,
    changed: true,
    published: false,
    modified: at,
  };
}

/** Stores give what hangs on a node in an order of their own; the entry has one order wherever it is made. */
function inOrder<R extends FileRow | ItemRow>(hanging: Iterable<R>): R[] {
  const rows = [...hanging];
  if (rows.length < 2) return rows;
  const order = (row: R): number => ('order' in row ? row.order : 0);
  return rows.toSorted((a, b) => order(a) - order(b) || (a.id < b.id ? -1 : 1));
}
