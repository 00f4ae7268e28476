import { LIMITS, type Id, type NodeRow, type Position } from '@cambium/protocol';
import type { TreeReader } from '../../reader.ts';
import { find } from '../find.ts';
import { isRefused, refuse, type Refused } from '../refuse.ts';

/** Where a row is to stand: the child of `parent` that follows `after` (null: its first). */
export interface Place {
  parent: Id;
  after: Id | null;
  /** The target was gone or elsewhere, so the row goes last where the author saw it. */
  adjusted: boolean;
}

/** What a change says of the place. */
export interface Wanted {
  target: Id;
  position: Position | undefined;
  /** Where the author saw the target; only used beside it. */
  parent: Id | undefined;
}

/**
 * The place that a change asks for.
 *
 * @param moved the node that is moved there: it is no neighbour of itself
 */
export function placeOf(wanted: Wanted, channel: Id, moved: Id | null, reader: TreeReader): Place | Refused {
  const { target, position = 'last-child' } = wanted;
  const row = find('contentnode', target, channel, reader, 'target');
  if (position === 'first-child') return isRefused(row) ? row : { parent: target, after: null, adjusted: false };
  if (position === 'last-child') return isRefused(row) ? row : lastOf(target, moved, reader, false);
  if (isRefused(row)) return row.errors[0]?.code === 'not_found' ? fallBack(wanted, channel, moved, reader) : row;
  return besideOf(row, wanted, channel, moved, reader);
}

function besideOf(row: NodeRow, wanted: Wanted, channel: Id, moved: Id | null, reader: TreeReader): Place | Refused {
  const { target, position, parent } = wanted;
  if (row.parent_id === null) return refuse('root', 'target');
  if (target === moved) return { parent: row.parent_id, after: reader.previousSibling(target), adjusted: false };
  if (parent !== undefined && parent !== row.parent_id) return fallBack(wanted, channel, moved, reader);
  if (position === 'right') return { parent: row.parent_id, after: target, adjusted: false };
  return { parent: row.parent_id, after: skip(reader.previousSibling(target), moved, reader), adjusted: false };
}

function fallBack(wanted: Wanted, channel: Id, moved: Id | null, reader: TreeReader): Place | Refused {
  if (wanted.parent === undefined) return refuse('not_found', 'target');
  const row = find('contentnode', wanted.parent, channel, reader, 'parent');
  return isRefused(row) ? row : lastOf(wanted.parent, moved, reader, true);
}

function lastOf(parent: Id, moved: Id | null, reader: TreeReader, adjusted: boolean): Place {
  return { parent, after: skip(reader.lastChild(parent), moved, reader), adjusted };
}

function skip(sibling: Id | null, moved: Id | null, reader: TreeReader): Id | null {
  return sibling !== null && sibling === moved ? reader.previousSibling(sibling) : sibling;
}

/** Does the channel have room for that many nodes more? */
export function checkNodes(channel: Id, more: number, reader: TreeReader): Refused | undefined {
  return reader.nodeCount(channel) + more > LIMITS.nodes ? refuse('too_large', 'channel_id') : undefined;
}

/** Does the parent have room for another child, with `height` levels below it? */
export function checkRoom(parent: Id, height: number, reader: TreeReader): Refused | undefined {
  // The path holds the root too, so its length is the depth of a child.
  if (reader.path(parent).length + height > LIMITS.depth) return refuse('too_deep', 'target');
  if (reader.childCount(parent, LIMITS.children) >= LIMITS.children) return refuse('too_many_children', 'target');
  return undefined;
}
