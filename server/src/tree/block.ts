import type { TreeNode } from './node.ts';
import { type Overlay, snapshotOf } from './overlay.ts';
import { link } from './token.ts';

/** The node and everything below it, as it stands now, in document order; all of it is loaded and joined afterwards. */
export function block(overlay: Overlay, top: TreeNode): TreeNode[] {
  const nodes: TreeNode[] = [];
  loadInside(overlay, top);
  for (let token = top.open; ;) {
    if (token.opens) {
      nodes.push(token.node);
      // A block that was moved in here may lie far from its surroundings in the database.
      if (token.next === undefined) loadInside(overlay, token.node);
    }
    if (token === top.close) return nodes;
    const next = overlay.next(token);
    if (!next) throw new Error(`the order of tokens ends within ${top.id}`);
    token = next;
  }
}

/** Loads by one range scan what the database has within a node. */
function loadInside(overlay: Overlay, node: TreeNode): void {
  if (node.loaded) return;
  node.loaded = true;
  const { lft, rgt, total } = snapshotOf(node);
  if (total > 0) overlay.loadRange(node.channel, lft, rgt + 1);
  else if (node.open.next === undefined) link(node.open, node.close);
}
