import type { FileRow, Id, ItemRow } from '@cambium/protocol';
import type { TreeReader } from '../reader.ts';

/** The files of a node or of an assessment item. */
export function filesOf(owner: Id, reader: TreeReader): Iterable<FileRow> {
  return reader.attachedTo('file', owner) as Iterable<FileRow>;
}

/** The assessment items of a node. */
export function itemsOf(node: Id, reader: TreeReader): Iterable<ItemRow> {
  return reader.attachedTo('assessmentitem', node) as Iterable<ItemRow>;
}
