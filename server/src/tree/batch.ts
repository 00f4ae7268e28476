import type { Id, NodeRow } from '@cambium/protocol';
import type { Database } from 'better-sqlite3';
import { type Content, contentOfRow, patch, rowOf } from './content.ts';
import { insert, move, remove } from './edit.ts';
import { flush, type FlushStats } from './flush.ts';
import type { Mark } from './journal.ts';
import { TreeNode } from './node.ts';
import { Overlay } from './overlay.ts';
import { type Foreseen, prefetch } from './prefetch.ts';
import { publish } from './publish.ts';
import { childCount, height, isWithin, path, subtree } from './reads.ts';
import { labelSpace, type LabelSpace } from './run.ts';
import { statementsOf } from './statements.ts';
import type { Token } from './token.ts';

/** How a batch knows channels, whose rows are not its own. Both throw for a channel that does not exist. */
export interface ChannelLookup {
  channelId(pk: number): Id;
  channelPk(id: Id): number;
}

/** A node that was removed; what hangs on it is the caller's to remove. */
export interface NodeRecordRef {
  pk: number;
  id: Id;
  /** The channel's pk. */
  channel: number;
}

export interface NodeBatchOptions {
  /** Bits of a label, 53 unless a test wants little room. */
  bits?: number;
}

const NOTHING: ReadonlySet<Id> = new Set();

/**
 * The trees of all channels within one transaction, which the caller begins and ends.
 *
 * A tree is a nested set with sparse labels: `lft` and `rgt` are whole numbers of which only the order means anything,
 * so a node comes between two others without touching a third. A batch works on a linked list of node ends, loaded as
 * far as it is looked at; `flush` gives labels, carries counts up, and writes each touched row once. Until then the
 * database is as it was, and reads answer as though everything were done.
 *
 * Callers hand in only what the reducer judged: a cycle, a missing node or a move to another channel throws as a bug.
 */
export class NodeBatch {
  readonly #overlay: Overlay;
  readonly #channels: ChannelLookup;
  readonly #space: LabelSpace;

  constructor(db: Database, channels: ChannelLookup, options: NodeBatchOptions = {}) {
    this.#overlay = new Overlay(statementsOf(db));
    this.#channels = channels;
    this.#space = labelSpace(options.bits ?? 53);
  }

  /** Loads many rows with few queries: worth it at the start of a batch that names many nodes. */
  prefetch(foreseen: Foreseen): void {
    prefetch(this.#overlay, foreseen);
  }

  row(id: Id): Readonly<NodeRow> | undefined {
    const node = this.#overlay.find(id);
    return node && this.#row(node);
  }

  channelOf(id: Id): Id | undefined {
    const node = this.#overlay.find(id);
    return node && this.#channels.channelId(node.channel);
  }

  /** `server_rev` of the last entry that touched the row. */
  revOf(id: Id): number | undefined {
    const node = this.#overlay.find(id);
    return node && this.#overlay.contentOf(node).rev;
  }

  firstChild(parent: Id): Id | null {
    return openingId(this.#overlay.next(this.#get(parent).open));
  }

  lastChild(parent: Id): Id | null {
    return closingId(this.#overlay.prev(this.#get(parent).close));
  }

  previousSibling(id: Id): Id | null {
    return closingId(this.#overlay.prev(this.#get(id).open));
  }

  nextSibling(id: Id): Id | null {
    return openingId(this.#overlay.next(this.#get(id).close));
  }

  /** The node first, its root last. */
  path(id: Id): Id[] {
    return path(this.#overlay, this.#get(id));
  }

  /** Levels below the node. */
  height(id: Id): number {
    return height(this.#overlay, this.#get(id));
  }

  /** With `enough`: an upper bound, when that is below it already; counting costs a scan of the children. */
  childCount(id: Id, enough = 0): number {
    return childCount(this.#overlay, this.#get(id), enough);
  }

  /** The node and what is below it in document order, less `without` and what is below those. */
  subtree(id: Id, without: ReadonlySet<Id> = NOTHING): Id[] {
    return subtree(this.#overlay, this.#get(id), without);
  }

  /** A root has no parent; it makes the tree of its channel, whose id is its own. */
  insert(row: NodeRow, after: Id | null, rev: number): void {
    // Of an id that nobody looked up, the index will say so at flush.
    const known = this.#overlay.ids.get(row.id);
    if (known && this.#overlay.isAlive(known)) throw new Error(`node ${row.id} exists already`);
    const channel = this.#channels.channelPk(row.channel_id);
    const parent = row.parent_id === null ? null : this.#get(row.parent_id);
    if (parent ? parent.channel !== channel : row.id !== row.channel_id) {
      throw new Error(`node ${row.id} does not belong to channel ${row.channel_id}`);
    }
    const depth = parent ? parent.depth + 1 : 0;
    const node = new TreeNode(this.#overlay.newPk(), row.id, channel, null, parent?.pk ?? null, depth);
    node.content = contentOfRow(row, rev, 0);
    if (!parent) {
      node.open.label = 1;
      node.close.label = this.#space.end - 1;
    }
    insert(this.#overlay, node, parent, after === null ? null : this.#get(after));
  }

  /** Moves a node with its subtree; next to itself nothing changes but `rev`. */
  move(id: Id, parent: Id, after: Id | null, rev?: number): void {
    const node = this.#get(id);
    const to = this.#get(parent);
    if (node.channel !== to.channel) throw new Error(`node ${id} is moved to another channel`);
    if (isWithin(this.#overlay, to, node)) throw new Error(`node ${id} is moved into itself`);
    if (after === id) throw new Error(`node ${id} is moved behind itself`);
    move(this.#overlay, node, to, after === null ? null : this.#get(after));
    if (rev !== undefined) this.#editable(node).rev = rev;
  }

  /** Removes a node with its subtree; returns what went, in document order. */
  remove(id: Id): NodeRecordRef[] {
    return remove(this.#overlay, this.#get(id)).map(({ pk, id: gone, channel }) => ({ pk, id: gone, channel }));
  }

  /**
   * Removes a channel's whole tree without looking at it. This batch finds nothing of it afterwards; its rows stay, as
   * they are stored, and are the caller's to hide from others and to take out.
   */
  removeChannel(channel: Id): void {
    const pk = this.#channels.channelPk(channel);
    const { removedChannels, journal } = this.#overlay;
    if (removedChannels.has(pk)) return;
    removedChannels.add(pk);
    journal.push(() => removedChannels.delete(pk));
  }

  /** New values of top-level fields; never of the node's place or kind. */
  patch(id: Id, fields: Partial<NodeRow>, rev?: number): void {
    const node = this.#get(id);
    const content = this.#editable(node);
    patch(content, fields, () => this.#row(node));
    if (rev !== undefined) content.rev = rev;
  }

  /** Every complete node of the channel becomes published and unchanged. */
  publish(channel: Id): void {
    publish(this.#overlay, this.#channels.channelPk(channel));
  }

  /** Assessment items of a node. */
  setItemCount(id: Id, count: number): void {
    const node = this.#get(id);
    if (this.#overlay.contentOf(node).item_count !== count) this.#editable(node).item_count = count;
  }

  /** Characters of the rows that the batch holds in memory. */
  get weight(): number {
    return this.#overlay.weight;
  }

  mark(): Mark {
    return this.#overlay.journal.mark();
  }

  /** Undoes everything since the mark. A flush in between makes the mark worthless, and this throw. */
  rollback(mark: Mark): void {
    this.#overlay.journal.rollback(mark);
  }

  /** Writes everything. The batch starts anew afterwards: its marks are worthless, and it may be used on. */
  flush(): FlushStats {
    return flush(this.#overlay, this.#space);
  }

  #get(id: Id): TreeNode {
    const node = this.#overlay.find(id);
    if (!node) throw new Error(`node ${id} does not exist`);
    return node;
  }

  #row(node: TreeNode): NodeRow {
    const parent = this.#overlay.parentOf(node);
    return rowOf(this.#overlay.contentOf(node), parent?.id ?? null, this.#channels.channelId(node.channel));
  }

  /** The content of a node to be written to: a copy where what is there may be wanted again. */
  #editable(node: TreeNode): Content {
    const before = this.#overlay.contentOf(node);
    const { journal } = this.#overlay;
    if (before !== node.stored && !journal.isOpen) return before;
    const content = { ...before };
    node.content = content;
    if (journal.isOpen) journal.push(() => (node.content = before));
    return content;
  }
}

function openingId(token: Token | null): Id | null {
  return token?.opens ? token.node.id : null;
}

function closingId(token: Token | null): Id | null {
  return token && !token.opens ? token.node.id : null;
}
