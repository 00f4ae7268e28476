import type { Id } from '@cambium/protocol';
import { type Content, published } from './content.ts';
import { Journal } from './journal.ts';
import { TreeNode } from './node.ts';
import type { Statements, StructureTuple, WholeTuple } from './statements.ts';
import { link, type Token } from './token.ts';

/** Nodes that one `remove` took: its top, and all that stood below it then, in document order. */
export interface Removal {
  top: TreeNode;
  nodes: TreeNode[];
}

/**
 * What a batch has loaded and changed: the document order of each channel as a linked list of tokens, of which only
 * the parts that were looked at exist.
 *
 * Two tokens that are neighbours in the database have `next` of the one and `prev` of the other both undefined or both
 * set. While undefined, no operation has come between them, so the database still knows the answer, at any later time.
 */
export class Overlay {
  readonly statements: Statements;
  readonly journal = new Journal();
  /** Nodes of the database by pk. */
  readonly nodes = new Map<number, TreeNode>();
  /** Null: the database has no such node. */
  readonly ids = new Map<Id, TreeNode | null>();
  /** Nodes that this batch made, the last one last; their pks follow on those of the database. */
  readonly fresh: TreeNode[] = [];
  /** Nodes whose place changed, those that this batch made included. */
  readonly moved = new Set<TreeNode>();
  readonly removals: Removal[] = [];
  readonly removedChannels = new Set<number>();
  /** Channels that are published at flush. */
  readonly publishing = new Set<number>();
  /** Characters of the rows that were loaded. */
  weight = 0;
  /** Of the database; unknown until the batch makes a node. */
  #lastPk = Infinity;

  constructor(statements: Statements) {
    this.statements = statements;
  }

  /** The living node of this id. */
  find(id: Id): TreeNode | undefined {
    let node = this.ids.get(id);
    if (node === undefined) {
      const row = this.statements.byId.get(id);
      if (!row) this.ids.set(id, null);
      node = row ? this.adoptWhole(row) : null;
    }
    return node && this.isAlive(node) ? node : undefined;
  }

  isAlive(node: TreeNode): boolean {
    return !node.dead && !this.removedChannels.has(node.channel);
  }

  /** The node of this pk, if it was loaded or made, dead or alive. */
  known(pk: number): TreeNode | undefined {
    return pk > this.#lastPk ? this.fresh[pk - this.#lastPk - 1] : this.nodes.get(pk);
  }

  /** The node of this pk, dead or alive. */
  at(pk: number): TreeNode {
    const known = this.known(pk);
    if (known) return known;
    const row = this.statements.byPk.get(pk);
    if (!row) throw new Error(`node ${pk} is named as a parent and does not exist`);
    return this.adopt(row);
  }

  parentOf(node: TreeNode): TreeNode | null {
    return node.parent === null ? null : this.at(node.parent);
  }

  adopt(row: StructureTuple | WholeTuple): TreeNode {
    const [pk, id, channel, parent, lft, rgt, depth, total] = row;
    const known = this.nodes.get(pk);
    if (known) return known;
    const node = new TreeNode(pk, id, channel, { parent, lft, rgt, depth, total }, parent, depth);
    this.nodes.set(pk, node);
    // An id that was removed and made again belongs to the new node.
    if (!this.ids.get(id)) this.ids.set(id, node);
    return node;
  }

  adoptWhole(row: WholeTuple): TreeNode {
    const node = this.adopt(row);
    // Large fields did not come along.
    if (!node.stored && row[16] !== null) this.#fill(node, row);
    return node;
  }

  contentOf(node: TreeNode): Content {
    if (!node.content) {
      const row = this.statements.whole.get(node.pk);
      if (!row) throw new Error(`node ${node.id} vanished from the database during a batch`);
      this.#fill(node, row);
    }
    return node.content as Content;
  }

  #fill(node: TreeNode, row: WholeTuple): void {
    const [, , , , , , , , kind, title, complete, changed, isPublished, coach, modified, rev, fields, itemCount] = row;
    this.weight += fields?.length ?? 0;
    const content: Content = {
      id: node.id,
      kind,
      title,
      complete,
      changed,
      published: isPublished,
      coach,
      modified,
      rev,
      item_count: itemCount,
      fields: fields ?? undefined,
      row: undefined,
    };
    node.stored = this.publishing.has(node.channel) ? published(content) : content;
    node.content = node.stored;
  }

  next(token: Token): Token | null {
    if (token.next === undefined) {
      const next = token.opens ? this.#firstWithin(token.node) : this.#afterEnd(token.node);
      link(token, next);
      if (!next) token.next = null;
    }
    return token.next as Token | null;
  }

  prev(token: Token): Token | null {
    if (token.prev === undefined) {
      const prev = token.opens ? this.#beforeStart(token.node) : this.#lastWithin(token.node);
      link(prev, token);
    }
    return token.prev as Token | null;
  }

  #firstWithin(node: TreeNode): Token {
    const first = node.snapshot?.total === 0 ? undefined : this.statements.firstChild.get(node.pk);
    return this.#staying(first, 'nextChild')?.open ?? node.close;
  }

  #lastWithin(node: TreeNode): Token {
    const last = node.snapshot?.total === 0 ? undefined : this.statements.lastChild.get(node.pk);
    return this.#staying(last, 'previousChild')?.close ?? node.open;
  }

  #afterEnd(node: TreeNode): Token | null {
    const { parent, lft } = snapshotOf(node);
    if (parent === null) return null;
    const next = this.statements.nextChild.get(parent, lft);
    return this.#staying(next, 'nextChild')?.open ?? this.at(parent).close;
  }

  #beforeStart(node: TreeNode): Token | null {
    const { parent, lft } = snapshotOf(node);
    if (parent === null) return null;
    const previous = this.statements.previousChild.get(parent, lft);
    return this.#staying(previous, 'previousChild')?.close ?? this.at(parent).open;
  }

  /** The first child from `row` on that still stands where the database has it. */
  #staying(row: StructureTuple | undefined, onwards: 'nextChild' | 'previousChild'): TreeNode | undefined {
    for (let at = row; at;) {
      const node = this.adopt(at);
      if (!node.departed) return node;
      const { parent, lft } = snapshotOf(node);
      at = this.statements[onwards].get(parent as number, lft);
    }
    return undefined;
  }

  /** Puts a node that departed back between its neighbours in the database, when those have been joined meanwhile. */
  comeBack(node: TreeNode): void {
    node.departed = false;
    const left = this.#beforeStart(node) as Token;
    const right = left.next;
    link(right === undefined ? null : left, node.open);
    link(node.close, right ?? null);
    if (right !== undefined) return;
    node.open.prev = undefined;
    node.close.next = undefined;
  }

  /** Loads every token that the database has with a label in `from` … `to` - 1, and joins those still neighbours. */
  loadRange(channel: number, from: number, to: number): void {
    const open = this.#openAt(channel, from, to);
    let last: Token | null = null;
    /** What stands before each block that departed: behind its end the scan goes on from there. */
    const before = new Map<TreeNode, Token | null>();
    const append = (token: Token): void => {
      if (last && last.next === undefined) link(last, token);
      last = token;
    };
    const closeBefore = (label: number): void => {
      for (let top = open.at(-1); top && snapshotOf(top).rgt < label; top = open.at(-1)) {
        append(top.close);
        open.pop();
        if (top.departed) last = before.get(top) ?? null;
      }
    };
    for (const row of this.statements.range.all(channel, from, to)) {
      const node = this.adopt(row);
      closeBefore(row[4]);
      if (node.departed) {
        before.set(node, last);
        last = null;
      }
      append(node.open);
      open.push(node);
    }
    closeBefore(to);
  }

  /**
   * The last node that opens before `from` and its ancestors, as far as they close before `to`; outermost first. Every
   * node that is open at `from` contains the last one that opens before it, so all of those are among them, and no
   * index on `rgt` is needed. Those that close before `from` do so one right after the other.
   */
  #openAt(channel: number, from: number, to: number): TreeNode[] {
    const row = this.statements.before.get(channel, from);
    const open: TreeNode[] = [];
    for (let node = row ? this.adopt(row) : null; node;) {
      const { rgt, parent } = snapshotOf(node);
      if (rgt >= to) break;
      open.push(node);
      node = parent === null ? null : this.at(parent);
    }
    return open.reverse();
  }

  /** Of the node that joins `fresh` next. */
  newPk(): number {
    if (this.#lastPk === Infinity) this.#lastPk = this.statements.lastPk.get() as number;
    return this.#lastPk + this.fresh.length + 1;
  }

  /** Forgets everything: what was written is the database's from now on. */
  reset(): void {
    this.journal.close();
    for (const each of [this.nodes, this.ids, this.moved, this.removedChannels, this.publishing]) each.clear();
    this.removals.length = 0;
    this.fresh.length = 0;
    this.#lastPk = Infinity;
    this.weight = 0;
  }
}

export function snapshotOf(node: TreeNode): NonNullable<TreeNode['snapshot']> {
  if (!node.snapshot) throw new Error(`node ${node.id} is new and has no place in the database`);
  return node.snapshot;
}
