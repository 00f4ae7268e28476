import type { ErrorCode, Id, Mods } from '@cambium/protocol';

/** What the contract lets a change become: applied, or refused with one of these codes. */
export type Prediction = { ok: true } | { ok: false; codes: ErrorCode[] };

export interface ModelNode {
  channel: Id;
  parent: Id | null;
  children: Id[];
  /** Fields with values, by name; what is not there has its default. */
  fields: Mods;
}

export interface ModelFile {
  uploader: Id;
  channel: Id | null;
  contentnode: Id | null;
  item: Id | null;
  checksum: unknown;
  size: unknown;
}

/** What the model keeps, and how it is read: parents and arrays of children. */
export class ModelTree {
  readonly nodes = new Map<Id, ModelNode>();
  readonly items = new Map<Id, { channel: Id; node: Id }>();
  readonly files = new Map<Id, ModelFile>();
  /** `target:prerequisite` to the channel. */
  readonly pairs = new Map<string, Id>();
  /** Where deleted ids lived, as `table channel`, or `table *` when that was no channel. */
  readonly dead = new Map<Id, string>();
  readonly user: Id;

  constructor(user: Id) {
    this.user = user;
  }

  node(id: Id): ModelNode {
    const node = this.nodes.get(id);
    if (node === undefined) throw new Error(`the model has no node ${id}`);
    return node;
  }

  /** The node and all below it in document order. */
  walk(id: Id, without: readonly Id[] = []): Id[] {
    if (without.includes(id)) return [];
    return [id, ...this.node(id).children.flatMap((child) => this.walk(child, without))];
  }

  /** From the node up to its root. */
  ancestors(id: Id): Id[] {
    const { parent } = this.node(id);
    return parent === null ? [id] : [id, ...this.ancestors(parent)];
  }

  height(id: Id): number {
    return Math.max(0, ...this.node(id).children.map((child) => this.height(child) + 1));
  }

  /** `[id, parent]` in document order: what a snapshot shows. */
  order(channel: Id): [Id, Id | null][] {
    return this.nodes.has(channel) ? this.walk(channel).map((id) => [id, this.node(id).parent]) : [];
  }

  /** May a row with this id be made in this table and channel? */
  isFree(table: string, id: Id, channel: Id): boolean {
    if (this.nodes.has(id) || this.items.has(id) || this.files.has(id)) return false;
    const lived = this.dead.get(id);
    return lived === undefined || (table !== 'channel' && [`${table} ${channel}`, `${table} *`].includes(lived));
  }

  /** Takes a node out with its subtree and all that hangs on it. */
  remove(id: Id): void {
    const gone = this.walk(id);
    const { parent, channel } = this.node(id);
    if (parent !== null) this.node(parent).children = this.node(parent).children.filter((child) => child !== id);
    for (const node of gone) {
      for (const [item, { node: owner }] of this.items) if (owner === node) this.removeItem(item, channel);
      for (const [file, { contentnode }] of this.files) if (contentnode === node) this.bury('file', file, channel);
      for (const pair of this.pairs.keys()) if (pair.includes(node)) this.pairs.delete(pair);
      this.bury('contentnode', node, channel);
    }
  }

  removeItem(id: Id, channel: Id): void {
    for (const [key, file] of this.files) if (file.item === id) this.bury('file', key, channel);
    this.bury('assessmentitem', id, channel);
  }

  bury(table: 'contentnode' | 'assessmentitem' | 'file', id: Id, channel: Id): void {
    const rows = { contentnode: this.nodes, assessmentitem: this.items, file: this.files }[table];
    rows.delete(id);
    this.dead.set(id, `${table} ${channel}`);
  }
}

export const applied: Prediction = { ok: true };

export function refused(...codes: ErrorCode[]): Prediction {
  return { ok: false, codes };
}
