import {
  completeness,
  isDecisive,
  type EntryDraft,
  type FileRow,
  type Id,
  type ItemRow,
  type Mods,
  type NodeRow,
} from '@cambium/protocol';
import type { TreeReader } from '../reader.ts';
import { filesOf, itemsOf } from './attached.ts';

/** Fields of a node that the rules of completeness look at; a change of others leaves `complete` as it is. */
const DECISIVE = new Set(['title', 'license', 'license_description', 'copyright_holder', 'extra_fields', 'complete']);

export function mayDecide(fields: object): boolean {
  for (const field of Object.keys(fields)) if (DECISIVE.has(field)) return true;
  return false;
}

/** By the rules alone, whatever the row says. Files and items are read only when nothing else decides. */
export function isComplete(node: NodeRow, files: () => Iterable<FileRow>, items: () => Iterable<ItemRow>): boolean {
  return completeness(node, { isRoot: node.parent_id === null, files, items }).length === 0;
}

export function isCompleteNow(node: NodeRow, reader: TreeReader): boolean {
  return isComplete(
    node,
    () => filesOf(node.id, reader),
    () => itemsOf(node.id, reader),
  );
}

/** What hangs on a node, as a change leaves it: the row takes the place of the one with its id, or goes (`row` null). */
export interface Hanging {
  table: 'file' | 'assessmentitem';
  id: Id;
  row: FileRow | ItemRow | null;
  /** Does a copy that gets it stop being the same content as its source? */
  isContent: boolean;
}

/**
 * The entry of a node that a change of its files or items completes, or no longer; and of a copy that stops sharing its
 * content with the source: it then has a `content_id` of its own.
 */
export function followUp(id: Id, hanging: Hanging, reader: TreeReader): EntryDraft[] {
  const node = reader.row('contentnode', id);
  if (node === undefined) return [];
  const mods: Mods = {};
  const complete = completeWith(node, hanging, reader);
  if (complete !== node.complete) mods['complete'] = complete;
  if (hanging.isContent && node.source_node_id !== null && node.content_id !== id) mods['content_id'] = id;
  if (Object.keys(mods).length === 0) return [];
  return [{ type: 'UPDATED', table: 'contentnode', key: id, channel_id: node.channel_id, mods }];
}

/** A node can have thousands of rows, so the others are looked at only when this one decided and no longer does. */
function completeWith(node: NodeRow, hanging: Hanging, reader: TreeReader): boolean {
  const { table, id, row } = hanging;
  const decides = (one: FileRow | ItemRow | null | undefined): boolean =>
    one?.contentnode === node.id && isDecisive(node, table, one);
  const decided = decides(reader.row(table, id));
  if (decided === decides(row)) return node.complete;
  const others = function* <R extends FileRow | ItemRow>(rows: Iterable<R>): Generator<R> {
    for (const other of rows) if (other.id !== id) yield other;
  };
  return isComplete(
    node,
    () => (decided ? others(filesOf(node.id, reader)) : [row as FileRow]),
    () => (decided ? others(itemsOf(node.id, reader)) : [row as ItemRow]),
  );
}
