import type { BulkInsert } from '../database/bulkInsert.ts';
import { COLUMN } from './column.ts';
import { type Content, fieldsOf } from './content.ts';
import { isZero } from './counts.ts';
import type { Counts, TreeNode } from './node.ts';
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
  const mask = changedColumns(node);
  if (mask === 0) return false;
  overlay.statements.update(mask).run(...valuesOf(node, mask));
  return true;
}

/** Most loaded nodes are neighbours and ancestors that nothing happened to. */
function changedColumns(node: TreeNode): number {
  const { content, stored, countChange } = node;
  const snapshot = snapshotOf(node);
  let mask = 0;
  if (node.parent !== snapshot.parent) mask |= COLUMN.parent;
  if (node.depth !== snapshot.depth) mask |= COLUMN.depth;
  if (node.open.label !== snapshot.lft) mask |= COLUMN.labels;
  else if (node.close.label !== snapshot.rgt) mask |= COLUMN.rgt;
  if (content && stored && content !== stored) mask |= changedContent(content, stored);
  if (countChange && !isZero(countChange)) mask |= COLUMN.counts;
  return mask;
}

function changedContent(now: Content, was: Content): number {
  const sameFlags =
    now.complete === was.complete &&
    now.changed === was.changed &&
    now.published === was.published &&
    now.coach === was.coach;
  let mask = sameFlags ? 0 : COLUMN.flags;
  if (now.modified !== was.modified || now.rev !== was.rev) mask |= COLUMN.stamp;
  if (now.title !== was.title) mask |= COLUMN.title;
  if (fieldsOf(now) !== fieldsOf(was)) mask |= COLUMN.fields;
  if (now.item_count !== was.item_count) mask |= COLUMN.items;
  return mask;
}

/** In the order of the statement's assignments. */
function valuesOf(node: TreeNode, mask: number): unknown[] {
  const values: unknown[] = [];
  if (mask & COLUMN.parent) values.push(node.parent);
  if (mask & COLUMN.depth) values.push(node.depth);
  if (mask & COLUMN.labels) values.push(node.open.label, node.close.label);
  if (mask & COLUMN.rgt) values.push(node.close.label);
  if (mask & COLUMN.content) {
    const content = node.content as Content;
    if (mask & COLUMN.flags) values.push(content.complete, content.changed, content.published, content.coach);
    if (mask & COLUMN.stamp) values.push(content.modified, content.rev);
    if (mask & COLUMN.title) values.push(content.title);
    if (mask & COLUMN.fields) values.push(fieldsOf(content));
    if (mask & COLUMN.items) values.push(content.item_count);
  }
  if (mask & COLUMN.counts) values.push(...(node.countChange as Counts));
  values.push(node.pk);
  return values;
}
