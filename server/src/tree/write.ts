import type { BulkInsert } from '../database/bulkInsert.ts';
import { COLUMN } from './column.ts';
import { type Content, fieldsOf } from './content.ts';
import { isZero } from './counts.ts';
import type { Counts, Snapshot, TreeNode } from './node.ts';
import { type Overlay, snapshotOf } from './overlay.ts';

const NONE: Counts = [0, 0, 0, 0, 0, 0];

export interface Written {
  inserted: number;
  updated: number;
  deleted: number;
}

/** Writes each touched row once. Deletes come first: a removed id may have been made again. */
export function write(overlay: Overlay): Written {
  const written: Written = { inserted: 0, updated: 0, deleted: writeRemovals(overlay) };
  for (const node of overlay.nodes.values()) if (!node.dead && writeUpdate(overlay, node)) written.updated += 1;
  const inserts = overlay.statements.inserts();
  for (const node of overlay.fresh) {
    if (node.dead) continue;
    addInsert(inserts, overlay, node);
    written.inserted += 1;
  }
  inserts.end();
  return written;
}

function writeRemovals(overlay: Overlay): number {
  const { statements } = overlay;
  let deleted = 0;
  for (const channel of overlay.removedChannels) deleted += statements.deleteChannel.run(channel).changes;
  for (const { top, nodes } of overlay.removals) {
    if (overlay.removedChannels.has(top.channel)) continue;
    let rest = nodes.filter((node) => node.snapshot);
    if (top.snapshot && top.snapshot.total > 0) {
      // When all that the database has between the labels of the top goes, it goes in one statement.
      const { lft, rgt, total } = top.snapshot;
      const isWithin = ({ snapshot }: TreeNode): boolean => !!snapshot && snapshot.lft >= lft && snapshot.rgt <= rgt;
      const within = rest.filter(isWithin).length;
      if (within === total + 1) {
        const { changes } = statements.deleteRange.run(top.channel, lft, rgt);
        if (changes !== within) throw new Error(`${changes} rows in the range of ${top.id} instead of ${within}`);
        deleted += changes;
        rest = rest.filter((node) => !isWithin(node));
      }
    }
    for (const node of rest) deleted += statements.delete.run(node.pk).changes;
  }
  return deleted;
}

function addInsert(inserts: BulkInsert, overlay: Overlay, node: TreeNode): void {
  const content = overlay.contentOf(node);
  const counts = node.countChange ?? NONE;
  inserts.add(
    node.pk,
    node.id,
    node.channel,
    node.parent,
    node.open.label,
    node.close.label,
    node.depth,
    content.kind,
    content.title,
    content.complete,
    content.changed,
    content.published,
    content.coach,
    content.modified,
    content.rev,
    fieldsOf(content),
    content.item_count,
    counts[0],
    counts[1],
    counts[2],
    counts[3],
    counts[4],
    counts[5],
  );
}

function writeUpdate(overlay: Overlay, node: TreeNode): boolean {
  const snapshot = snapshotOf(node);
  const counts = node.countChange;
  if (isAsStored(node, snapshot) && (!counts || isZero(counts))) return false;
  const values: unknown[] = [];
  let mask = 0;
  const set = (column: number, ...each: unknown[]): void => {
    mask |= column;
    values.push(...each);
  };
  if (node.parent !== snapshot.parent) set(COLUMN.parent, node.parent);
  if (node.depth !== snapshot.depth) set(COLUMN.depth, node.depth);
  if (node.open.label !== snapshot.lft) set(COLUMN.labels, node.open.label, node.close.label);
  else if (node.close.label !== snapshot.rgt) set(COLUMN.rgt, node.close.label);
  if (node.content && node.content !== node.stored) setContent(set, node.content, node.stored as Content);
  if (counts && !isZero(counts)) set(COLUMN.counts, ...counts);
  if (mask === 0) return false;
  values.push(node.pk);
  overlay.statements.update(mask).run(values);
  return true;
}

/** Most loaded nodes are neighbours and ancestors that nothing happened to. */
function isAsStored(node: TreeNode, snapshot: Snapshot): boolean {
  return (
    node.content === node.stored &&
    node.parent === snapshot.parent &&
    node.depth === snapshot.depth &&
    node.open.label === snapshot.lft &&
    node.close.label === snapshot.rgt
  );
}

function setContent(set: (column: number, ...values: unknown[]) => void, now: Content, was: Content): void {
  const { complete, changed, published, coach } = now;
  const sameFlags =
    complete === was.complete && changed === was.changed && published === was.published && coach === was.coach;
  if (!sameFlags) set(COLUMN.flags, complete, changed, published, coach);
  if (now.modified !== was.modified || now.rev !== was.rev) set(COLUMN.stamp, now.modified, now.rev);
  if (now.title !== was.title) set(COLUMN.title, now.title);
  if (fieldsOf(now) !== fieldsOf(was)) set(COLUMN.fields, fieldsOf(now));
  if (now.item_count !== was.item_count) set(COLUMN.items, now.item_count);
}
