import type { TreeNode } from './node.ts';
import type { Overlay } from './overlay.ts';
import { block } from './block.ts';
import { link, type Token } from './token.ts';

type Gap = [left: Token, right: Token];

/** The gap behind `after`, or before the first child. */
function gap(overlay: Overlay, parent: TreeNode, after: TreeNode | null): Gap {
  if (after && after.parent !== parent.pk) throw new Error(`${after.id} is no child of ${parent.id}`);
  const left = after ? after.close : parent.open;
  return [left, overlay.next(left) as Token];
}

/** A cut block keeps no pointer to what was around it. */
function cut(node: TreeNode, left: Token | null, right: Token | null): void {
  link(left, right);
  node.open.prev = null;
  node.close.next = null;
}

/** Nobody has looked at the neighbours that the database has: they need not be loaded for the node to leave. */
function isUnseen(node: TreeNode): boolean {
  return node.parent !== null && node.open.prev === undefined && node.close.next === undefined;
}

/** Takes a node from its place. Whoever asks for neighbours there finds that it `departed`. Returns what `putBack` needs. */
function leave(overlay: Overlay, node: TreeNode): Left {
  const { departed } = node;
  node.departed = true;
  if (isUnseen(node)) {
    node.open.prev = null;
    node.close.next = null;
    return { departed, from: undefined };
  }
  const from: Gap = [overlay.prev(node.open) as Token, overlay.next(node.close) as Token];
  cut(node, ...from);
  return { departed, from };
}

/** What a node left: undefined when nobody had seen its neighbours. */
interface Left {
  departed: boolean;
  from: Gap | undefined;
}

function putBack(overlay: Overlay, node: TreeNode, { departed, from }: Left): void {
  if (!from) return overlay.comeBack(node);
  node.departed = departed;
  splice(node, from);
}

function splice(node: TreeNode, [left, right]: Gap): void {
  link(left, node.open);
  link(node.close, right);
}

/** The ancestors of a touched node are touched already. */
function touch(overlay: Overlay, from: TreeNode): void {
  for (let node: TreeNode | null = from; node && !node.touched; node = overlay.parentOf(node)) node.touched = true;
}

/** Puts a new node, whose parent and depth are set, into the order. */
export function insert(overlay: Overlay, node: TreeNode, parent: TreeNode | null, after: TreeNode | null): void {
  const known = overlay.journal.isOpen ? overlay.ids.get(node.id) : undefined;
  link(node.open, node.close);
  let place: Gap | undefined;
  if (parent) {
    place = gap(overlay, parent, after);
    splice(node, place);
    parent.childDelta += 1;
    touch(overlay, parent);
  } else {
    node.open.prev = null;
    node.close.next = null;
  }
  overlay.ids.set(node.id, node);
  overlay.fresh.push(node);
  if (!overlay.journal.isOpen) return;
  overlay.journal.push(() => {
    if (place) cut(node, ...place);
    if (parent) parent.childDelta -= 1;
    if (known === undefined) overlay.ids.delete(node.id);
    else overlay.ids.set(node.id, known);
    overlay.fresh.pop();
  });
}

/** The inside of the block is not looked at. */
export function move(overlay: Overlay, node: TreeNode, parent: TreeNode, after: TreeNode | null): void {
  const before = overlay.parentOf(node);
  if (!before) throw new Error(`${node.id} is a root and is not moved`);
  // Among its siblings it may stand there already.
  if (before === parent && overlay.prev(node.open) === (after ? after.close : parent.open)) return;
  const left = leave(overlay, node);
  const to = gap(overlay, parent, after);
  splice(node, to);
  node.parent = parent.pk;
  before.childDelta -= 1;
  parent.childDelta += 1;
  if (overlay.journal.isOpen) {
    const first = !overlay.moved.has(node);
    overlay.journal.push(() => {
      cut(node, ...to);
      putBack(overlay, node, left);
      node.parent = before.pk;
      before.childDelta += 1;
      parent.childDelta -= 1;
      if (first) overlay.moved.delete(node);
    });
  }
  overlay.moved.add(node);
  touch(overlay, before);
  touch(overlay, parent);
}

/** Returns the nodes of the block, in document order. */
export function remove(overlay: Overlay, top: TreeNode): TreeNode[] {
  const parent = overlay.parentOf(top);
  const nodes = block(overlay, top);
  const left = leave(overlay, top);
  for (const node of nodes) node.dead = true;
  overlay.removals.push({ top, nodes });
  if (parent) {
    parent.childDelta -= 1;
    touch(overlay, parent);
  }
  overlay.journal.push(() => {
    putBack(overlay, top, left);
    for (const node of nodes) node.dead = false;
    overlay.removals.pop();
    if (parent) parent.childDelta += 1;
  });
  return nodes;
}
