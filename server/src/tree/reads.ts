import type { Id } from '@cambium/protocol';
import { block } from './block.ts';
import type { TreeNode } from './node.ts';
import type { Overlay } from './overlay.ts';

/** Questions about more than neighbours. A block that nothing touched is answered by the database, in one scan. */

export function path(overlay: Overlay, node: TreeNode): Id[] {
  const ids: Id[] = [];
  for (let at: TreeNode | null = node; at; at = overlay.parentOf(at)) ids.push(at.id);
  return ids;
}

/** Is the node this top, or below it? */
export function isWithin(overlay: Overlay, node: TreeNode, top: TreeNode): boolean {
  // Most nodes that are moved have nothing below them.
  if (top.isLeaf) return node === top;
  for (let at: TreeNode | null = node; at; at = overlay.parentOf(at)) if (at === top) return true;
  return false;
}

export function childCount(overlay: Overlay, node: TreeNode, enough: number): number {
  if (node.children === undefined) {
    const most = (node.snapshot?.total ?? 0) + node.childDelta;
    if (most < enough) return most;
  }
  node.children ??= overlay.statements.childCount.get(node.pk) as number;
  return node.children + node.childDelta;
}

export function height(overlay: Overlay, node: TreeNode): number {
  if (node.snapshot && !node.touched) {
    const { lft, rgt, depth, total } = node.snapshot;
    if (total === 0) return 0;
    return (overlay.statements.rangeDepth.get(node.channel, lft, rgt) as number) - depth;
  }
  const levels = new Map<number, number>();
  let deepest = 0;
  for (const each of block(overlay, node)) {
    const level = each === node ? 0 : (levels.get(each.parent as number) as number) + 1;
    levels.set(each.pk, level);
    deepest = Math.max(deepest, level);
  }
  return deepest;
}

export function subtree(overlay: Overlay, node: TreeNode, without: ReadonlySet<Id>): Id[] {
  if (without.has(node.id)) return [];
  if (node.snapshot && !node.touched) return storedSubtree(overlay, node, without);
  const skipped = new Set<number>();
  const ids: Id[] = [];
  for (const each of block(overlay, node)) {
    if (without.has(each.id) || (each !== node && skipped.has(each.parent as number))) skipped.add(each.pk);
    else ids.push(each.id);
  }
  return ids;
}

function storedSubtree(overlay: Overlay, node: TreeNode, without: ReadonlySet<Id>): Id[] {
  const { lft, rgt, total } = node.snapshot as NonNullable<TreeNode['snapshot']>;
  if (total === 0) return [node.id];
  const ids: Id[] = [];
  let skippedTo = 0;
  for (const [id, opens, closes] of overlay.statements.rangeIds.all(node.channel, lft, rgt)) {
    if (opens < skippedTo) continue;
    if (without.has(id)) skippedTo = closes;
    else ids.push(id);
  }
  return ids;
}
