import type { Content } from './content.ts';
import type { Counts, TreeNode } from './node.ts';
import { type Overlay, snapshotOf } from './overlay.ts';

/**
 * Finds what every touched node's counts change by (`countChange`).
 *
 * Bottom-up by final depth, each node once: a node that left takes the totals that the database had out of its old
 * parent, and one that came brings its new totals. Carrying single changes up as they happen, through parents that
 * move later, is the classic mistake.
 */
export function countChanges(overlay: Overlay): void {
  const levels: TreeNode[][] = [];
  const visit = (node: TreeNode): void => {
    if (node.visited) return;
    node.visited = true;
    (levels[node.depth] ??= []).push(node);
  };
  const sumOf = (node: TreeNode): Counts => (node.countChange ??= [0, 0, 0, 0, 0, 0]);

  for (const node of overlay.fresh) if (!node.dead) visit(node);
  for (const node of overlay.nodes.values()) {
    const snapshot = snapshotOf(node);
    const isElsewhere = node.parent !== snapshot.parent;
    if ((node.dead || isElsewhere) && snapshot.parent !== null) {
      const left = overlay.at(snapshot.parent);
      if (!left.dead) {
        visit(left);
        addStored(sumOf(left), overlay, node, -1);
      }
    }
    if (!node.dead && (isElsewhere || node.content !== node.stored)) visit(node);
  }

  for (let depth = levels.length - 1; depth > 0; depth -= 1) {
    for (const node of levels[depth] ?? []) {
      const { snapshot, countChange: change } = node;
      const cameHere = !snapshot || node.parent !== snapshot.parent;
      if (!cameHere && node.content === node.stored && (!change || isZero(change))) continue;
      const parent = overlay.parentOf(node) as TreeNode;
      const sum = sumOf(parent);
      visit(parent);
      if (change) add(sum, change);
      if (node.content !== node.stored) addOwn(sum, node.content, 1);
      if (snapshot && cameHere) addStored(sum, overlay, node, 1);
      if (snapshot && node.content !== node.stored) addOwn(sum, node.stored, -1);
    }
  }
}

export function isZero(counts: Counts): boolean {
  for (const value of counts) if (value !== 0) return false;
  return true;
}

function add(sum: Counts, counts: Counts): void {
  for (let i = 0; i < 6; i += 1) (sum[i] as number) += counts[i] as number;
}

/** What a node itself adds to the counts of its ancestors. */
function addOwn(sum: Counts, content: Content | undefined, sign: 1 | -1): void {
  if (!content) return;
  sum[0] += sign;
  if (content.complete === 0) sum[3] += sign;
  if (content.kind === 'topic') return;
  sum[1] += sign;
  if (content.coach === 1) sum[2] += sign;
  if (content.changed === 1) sum[content.published === 1 ? 4 : 5] += sign;
}

/** A node and its descendants as the database has them. */
function addStored(sum: Counts, overlay: Overlay, node: TreeNode, sign: 1 | -1): void {
  overlay.contentOf(node);
  addOwn(sum, node.stored, sign);
  if (node.snapshot?.total === 0) return;
  const counts = overlay.statements.counts.get(node.pk) as Counts;
  for (let i = 0; i < 6; i += 1) (sum[i] as number) += sign * (counts[i] as number);
}
