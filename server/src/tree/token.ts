import type { TreeNode } from './node.ts';

/**
 * One end of a node in the document order of a channel: a node is a pair of tokens around those of its descendants, as
 * brackets are. `prev` and `next` are undefined while the database alone knows the neighbour, null where there is none.
 */
export class Token {
  readonly node: TreeNode;
  readonly opens: boolean;
  /** The value of `lft` or `rgt`; null until flush gives one. */
  label: number | null;
  prev: Token | null | undefined;
  next: Token | null | undefined;

  constructor(node: TreeNode, opens: boolean, label: number | null) {
    this.node = node;
    this.opens = opens;
    this.label = label;
    this.prev = undefined;
    this.next = undefined;
  }
}

/** Makes two tokens neighbours. Both pointers of a pair are only ever set together. */
export function link(left: Token | null, right: Token | null): void {
  if (left) left.next = right;
  if (right) right.prev = left;
}
