import { block } from './block.ts';
import type { TreeNode } from './node.ts';
import { type Overlay, snapshotOf } from './overlay.ts';
import type { Token } from './token.ts';

export interface Settled {
  /** Every token without a label. */
  unlabelled: Token[];
  /** Those among them that the database has with one. */
  relabelled: number;
}

/**
 * Decides which tokens get new labels: those of nodes that the batch made, and of every moved block, whose depths are
 * put right too. A large block that only passed a few siblings keeps its labels; the siblings get new ones instead.
 */
export function settle(overlay: Overlay): Settled {
  const settled: Settled = { unlabelled: [], relabelled: 0 };
  const moved = [...overlay.moved].filter((node) => !node.dead);
  const undecided = new Set(moved.filter((node) => mayStay(overlay, node)));
  const tops = new Set<TreeNode>();
  const around = new Set(moved.filter((node) => !undecided.has(node) && !node.isLeaf));
  for (const node of moved) if (!undecided.has(node)) tops.add(outermost(overlay, node, around));
  for (const top of tops) unlabelBlock(overlay, top, settled);
  for (const node of undecided) {
    undecided.delete(node);
    if (node.open.label === null) continue;
    const passed = passedTokens(overlay, node, undecided);
    if (passed) for (const token of passed) unlabel(token, settled);
    else unlabelBlock(overlay, node, settled);
  }
  for (const node of overlay.fresh) {
    if (node.dead) continue;
    if (node.open.label === null) settled.unlabelled.push(node.open);
    if (node.close.label === null) settled.unlabelled.push(node.close);
  }
  return settled;
}

/** The outermost block of these that the node is in, or the node. */
function outermost(overlay: Overlay, node: TreeNode, blocks: ReadonlySet<TreeNode>): TreeNode {
  let top = node;
  if (blocks.size === 0) return top;
  for (let at = overlay.parentOf(node); at; at = overlay.parentOf(at)) if (blocks.has(at)) top = at;
  return top;
}

function unlabelBlock(overlay: Overlay, top: TreeNode, settled: Settled): void {
  for (const node of block(overlay, top)) {
    // Document order: the parent's depth is right already.
    node.depth = node.parent === null ? 0 : overlay.at(node.parent).depth + 1;
    unlabel(node.open, settled);
    unlabel(node.close, settled);
  }
}

function unlabel(token: Token, settled: Settled): void {
  if (token.label === null) return;
  token.label = null;
  settled.unlabelled.push(token);
  settled.relabelled += 1;
}

/** A block with something in it that is still a child of its parent, none of whose ancestors moved. */
function mayStay(overlay: Overlay, node: TreeNode): boolean {
  if (!node.snapshot || node.snapshot.total === 0 || node.parent !== node.snapshot.parent) return false;
  return outermost(overlay, node, overlay.moved) === node;
}

/**
 * The labelled tokens between the old and the new place of a block, when they are fewer than its own: with new labels
 * for them, those of the block are in order again. Null when they are more, or when other blocks whose labels are out
 * of date stand among them.
 *
 * Compared are siblings and what is in them. A block within a sibling may be undecided itself: it is still in the
 * sibling's range, so it compares with this block as the sibling does.
 */
function passedTokens(overlay: Overlay, node: TreeNode, undecided: ReadonlySet<TreeNode>): Token[] | null {
  const { lft, rgt, total } = snapshotOf(node);
  const limit = 2 * (total + 1);
  const collect = (start: Token, step: 'prev' | 'next', isPassed: (label: number) => boolean): Token[] | null => {
    const passed: Token[] = [];
    let seen = 0;
    for (let token = overlay[step](start); token; token = overlay[step](token)) {
      if (token.node.parent === node.parent && undecided.has(token.node)) return null;
      if (token.label !== null) {
        if (!isPassed(token.label)) return passed;
        if (seen === 0 && !loadBetween(overlay, node, token.label, total + 1)) return null;
        passed.push(token);
      }
      seen += 1;
      if (seen > limit) return null;
    }
    return passed;
  };
  const left = collect(node.open, 'prev', (label) => label > lft);
  const right = left && collect(node.close, 'next', (label) => label < rgt);
  if (!left || !right || (left.length > 0 && right.length > 0)) return null;
  return left.length > 0 ? left : right;
}

/** Loads in one scan what was passed; false when it is more than `limit` nodes. */
function loadBetween(overlay: Overlay, node: TreeNode, label: number, limit: number): boolean {
  const { lft, rgt } = snapshotOf(node);
  const [from, to] = label > rgt ? [rgt + 1, label + 1] : [label, lft];
  if ((overlay.statements.rangeCount.get(node.channel, from, to, limit + 1) as number) > limit) return false;
  overlay.loadRange(node.channel, from, to);
  return true;
}
