import type { Id, NodeRow } from '@cambium/protocol';

interface Naive {
  row: NodeRow;
  rev: number;
  items: number;
  children: Naive[];
}

/** What the nested set is compared with: arrays of children, everything else counted by walking. */
export class NaiveTree {
  nodes = new Map<Id, Naive>();

  get(id: Id): Naive {
    const node = this.nodes.get(id);
    if (!node) throw new Error(`${id} is not in the naive tree`);
    return node;
  }

  parent(id: Id): Naive | null {
    const { parent_id: parent } = this.get(id).row;
    return parent === null ? null : this.get(parent);
  }

  siblings(id: Id): Naive[] {
    return this.parent(id)?.children ?? [this.get(id)];
  }

  path(id: Id): Id[] {
    const ids: Id[] = [];
    for (let at: Naive | null = this.get(id); at; at = this.parent(at.row.id)) ids.push(at.row.id);
    return ids;
  }

  subtree(id: Id, without: ReadonlySet<Id> = new Set()): Id[] {
    if (without.has(id)) return [];
    return [id, ...this.get(id).children.flatMap((child) => this.subtree(child.row.id, without))];
  }

  height(id: Id): number {
    return Math.max(0, ...this.get(id).children.map((child) => 1 + this.height(child.row.id)));
  }

  insert(row: NodeRow, after: Id | null, rev: number): void {
    const node: Naive = { row, rev, items: 0, children: [] };
    this.nodes.set(row.id, node);
    this.#put(node, after);
  }

  move(id: Id, parent: Id, after: Id | null): void {
    const node = this.get(id);
    this.#take(node);
    node.row = { ...node.row, parent_id: parent };
    this.#put(node, after);
  }

  remove(id: Id): Id[] {
    const ids = this.subtree(id);
    this.#take(this.get(id));
    for (const gone of ids) this.nodes.delete(gone);
    return ids;
  }

  patch(id: Id, fields: Partial<NodeRow>, rev: number): void {
    const node = this.get(id);
    node.row = { ...node.row, ...fields };
    node.rev = rev;
  }

  publish(channel: Id): void {
    for (const node of this.nodes.values()) {
      if (node.row.channel_id === channel && node.row.complete) {
        node.row = { ...node.row, published: true, changed: false };
      }
    }
  }

  /** One line a node, in document order: everything that the database should say. */
  lines(root: Id): string[] {
    const lines: string[] = [];
    this.#describe(this.get(root), 0, lines);
    return lines;
  }

  /** A copy that later operations leave alone. */
  copy(): NaiveTree {
    const copy = new NaiveTree();
    for (const [id, node] of this.nodes) copy.nodes.set(id, { ...node, children: [] });
    for (const [id, node] of this.nodes) copy.get(id).children = node.children.map((child) => copy.get(child.row.id));
    return copy;
  }

  #describe({ row, rev, items, children }: Naive, depth: number, lines: string[]): number[] {
    const at = lines.push('') - 1;
    const counts = [0, 0, 0, 0, 0, 0];
    for (const child of children) {
      const below = this.#describe(child, depth + 1, lines);
      const { kind, role_visibility: role, complete, changed, published } = child.row;
      const resource = kind !== 'topic';
      const isChanged = resource && changed;
      const own = [
        true,
        resource,
        resource && role === 'coach',
        !complete,
        isChanged && published,
        isChanged && !published,
      ];
      own.forEach((counted, i) => (counts[i] = (counts[i] as number) + (below[i] as number) + Number(counted)));
    }
    lines[at] = describe(row, rev, items, depth, counts);
    return counts;
  }

  #take(node: Naive): void {
    const siblings = this.siblings(node.row.id);
    siblings.splice(siblings.indexOf(node), 1);
  }

  #put(node: Naive, after: Id | null): void {
    const siblings = this.parent(node.row.id)?.children;
    if (!siblings) return;
    siblings.splice(after === null ? 0 : siblings.indexOf(this.get(after)) + 1, 0, node);
  }
}

export function describe(row: NodeRow, rev: number, items: number, depth: number, counts: number[]): string {
  const { id, parent_id: parent, title, description, role_visibility: role, complete, changed, published } = row;
  const flags = [complete, changed, published].map(Number).join('');
  return [id, parent, depth, title, description, role, flags, row.modified, rev, items, ...counts].join(' ');
}
