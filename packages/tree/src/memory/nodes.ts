import type { Id, NodeRow } from '@cambium/protocol';

/** A node with its neighbours. */
export interface MemoryNode {
  row: NodeRow;
  parent: MemoryNode | null;
  previous: MemoryNode | null;
  next: MemoryNode | null;
  first: MemoryNode | null;
  last: MemoryNode | null;
  childCount: number;
}

/** The trees of all channels as linked lists of siblings: every step costs the same however many siblings there are. */
export class MemoryNodes {
  readonly #nodes = new Map<Id, MemoryNode>();
  readonly #counts = new Map<Id, number>();

  find(id: Id): MemoryNode | undefined {
    return this.#nodes.get(id);
  }

  get(id: Id): MemoryNode {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new Error(`there is no node ${id}`);
    return node;
  }

  insert(row: NodeRow, after: Id | null): void {
    if (this.#nodes.has(row.id)) throw new Error(`the node ${row.id} exists already`);
    const node = { row, parent: null, previous: null, next: null, first: null, last: null, childCount: 0 };
    if (row.parent_id !== null) this.#attach(node, row.parent_id, after);
    this.#nodes.set(row.id, node);
    this.#counts.set(row.channel_id, this.countOf(row.channel_id) + 1);
  }

  /** Nodes of a channel. */
  countOf(channel: Id): number {
    return this.#counts.get(channel) ?? 0;
  }

  move(id: Id, parent: Id, after: Id | null): void {
    const node = this.get(id);
    for (let above: MemoryNode | null = this.get(parent); above !== null; above = above.parent) {
      if (above === node) throw new Error(`the node ${id} cannot be put below itself`);
    }
    if (after === id) throw new Error(`the node ${id} cannot follow itself`);
    this.#detach(node);
    this.#attach(node, parent, after);
    if (node.row.parent_id !== parent) node.row = { ...node.row, parent_id: parent };
  }

  /** Takes the node and everything below it away; they are returned in document order. */
  remove(id: Id): MemoryNode[] {
    const node = this.get(id);
    const removed = [...this.walk(node)];
    if (node.parent !== null) this.#detach(node);
    for (const { row } of removed) this.#nodes.delete(row.id);
    this.#counts.set(node.row.channel_id, this.countOf(node.row.channel_id) - removed.length);
    return removed;
  }

  /** The node and what is below it in document order, without the subtrees of those in `without`. */
  *walk(top: MemoryNode, without?: ReadonlySet<Id>): Generator<MemoryNode> {
    const isLeftOut = (node: MemoryNode): boolean => without !== undefined && without.has(node.row.id);
    if (isLeftOut(top)) return;
    let node = top;
    yield node;
    let below = node.first;
    for (;;) {
      if (below === null) {
        if (node === top) return;
        below = node.next;
        node = node.parent as MemoryNode;
      } else if (isLeftOut(below)) {
        below = below.next;
      } else {
        node = below;
        yield node;
        below = node.first;
      }
    }
  }

  #attach(node: MemoryNode, parentId: Id, after: Id | null): void {
    const parent = this.get(parentId);
    const previous = after === null ? null : this.get(after);
    if (previous !== null && previous.parent !== parent) throw new Error(`${after} is no child of ${parentId}`);
    const next = previous === null ? parent.first : previous.next;
    node.parent = parent;
    node.previous = previous;
    node.next = next;
    if (previous === null) parent.first = node;
    else previous.next = node;
    if (next === null) parent.last = node;
    else next.previous = node;
    parent.childCount += 1;
  }

  #detach(node: MemoryNode): void {
    const { parent, previous, next } = node;
    if (parent === null) throw new Error(`the node ${node.row.id} is a root`);
    if (previous === null) parent.first = next;
    else previous.next = next;
    if (next === null) parent.last = previous;
    else next.previous = previous;
    parent.childCount -= 1;
    node.parent = null;
    node.previous = null;
    node.next = null;
  }
}
