import {
  LIMITS,
  validateNode,
  type CopiedChange,
  type Id,
  type JsonObject,
  type NodeRow,
  type Table,
  type TableRow,
} from '@cambium/protocol';
import type { Context, Outcome } from '../../outcome.ts';
import type { TreeReader } from '../../reader.ts';
import { filesOf, itemsOf } from '../attached.ts';
import { isComplete } from '../complete.ts';
import { draft } from '../draft.ts';
import { isRefused, refuse, type Refused } from '../refuse.ts';
import { copyRows, type CopiedRows } from './copyRows.ts';
import { checkNodes, checkRoom, placeOf } from './place.ts';
import { nodeMods, normalPatch } from './update.ts';

/** The copy is made from the source as it is before the change, so copying into the own subtree needs no special care. */
export function copyNode(change: CopiedChange, context: Context, reader: TreeReader): Outcome {
  const key = change.key as Id;
  const channel = change.channel_id;
  const source = reader.row('contentnode', change.from_key);
  if (source === undefined || !isVisible(source, channel, reader)) return refuse('not_found', 'from_key');
  if (reader.availability('contentnode', key, channel) !== 'free') return refuse('already_exists', 'key');
  if (change.excluded_descendants?.includes(source.id) === true) return refuse('invalid_value', 'excluded_descendants');
  const place = placeOf(
    { target: change.target, position: change.position, parent: change.parent },
    channel,
    null,
    reader,
  );
  if (isRefused(place)) return place;

  const ids = reader.subtree(source.id, new Set(change.excluded_descendants));
  if (ids.length > LIMITS.copy) return refuse('too_large', 'from_key');
  const rows = copyRows(ids, { key, channel, parent: place.parent, at: context.at }, reader);
  if (rows === null) return refuse('too_large', 'from_key');
  const full = checkRoom(place.parent, levelsOf(rows.nodes), reader) ?? checkNodes(channel, ids.length, reader);
  if (full !== undefined) return full;
  const root = finishRoot(rows, source, change, reader);
  if (isRefused(root)) return root;
  const taken = findTaken(rows, channel, reader);
  if (taken !== undefined) return taken;

  const mods = nodeMods(change.mods ?? {}, source.complete, root.complete);
  const entry = draft(change, {
    from_key: change.from_key,
    target: change.target,
    parent: place.parent,
    after: place.after,
    rows: tableRows({ ...rows, nodes: [root, ...rows.nodes.slice(1)] }),
  });
  if (change.position !== undefined) entry.position = change.position;
  if (change.excluded_descendants !== undefined) entry.excluded_descendants = change.excluded_descendants;
  if (Object.keys(mods).length > 0) entry.mods = mods;
  return place.adjusted ? { ok: true, entries: [entry], adjusted: ['position'] } : { ok: true, entries: [entry] };
}

function isVisible(source: NodeRow, channel: Id, reader: TreeReader): boolean {
  return source.channel_id === channel || reader.mayView(source.channel_id);
}

/** The copy's root with the author's mods, and `complete` judged anew: a channel's root needs no title, its copy does. */
function finishRoot(rows: CopiedRows, source: NodeRow, change: CopiedChange, reader: TreeReader): NodeRow | Refused {
  const copied = rows.nodes[0];
  if (copied === undefined) throw new Error(`the subtree of ${source.id} is empty`);
  const fields = change.mods === undefined ? {} : normalPatch(copied, change.mods).fields;
  const root: NodeRow = { ...copied, ...fields, changed: true };
  const errors = validateNode(root);
  if (errors.length > 0) return { ok: false, errors };
  root.complete = isComplete(
    root,
    () => filesOf(source.id, reader),
    () => itemsOf(source.id, reader),
  );
  return root;
}

/** Levels below the first node. Parents come first, so one pass does. */
function levelsOf(nodes: NodeRow[]): number {
  const depths = new Map<Id, number>();
  let levels = 0;
  for (const node of nodes) {
    const depth = (depths.get(node.parent_id as Id) ?? -1) + 1;
    depths.set(node.id, depth);
    levels = Math.max(levels, depth);
  }
  return levels;
}

function findTaken(rows: CopiedRows, channel: Id, reader: TreeReader): Refused | undefined {
  const isTaken = (table: Table, list: { id: Id }[]): boolean =>
    list.some((row) => reader.availability(table, row.id, channel) !== 'free');
  const taken =
    isTaken('contentnode', rows.nodes) || isTaken('assessmentitem', rows.items) || isTaken('file', rows.files);
  return taken ? refuse('already_exists', 'key') : undefined;
}

function tableRows(rows: CopiedRows): TableRow[] {
  const as = (table: Table, list: object[]): TableRow[] => list.map((row) => ({ table, row: row as JsonObject }));
  return [...as('contentnode', rows.nodes), ...as('assessmentitem', rows.items), ...as('file', rows.files)];
}
