import {
  keyText,
  type ChannelRow,
  type FileRow,
  type Id,
  type ItemRow,
  type Key,
  type PrerequisiteRow,
  type Rows,
  type Table,
} from '@cambium/protocol';
import type { Effect } from '../effect.ts';
import type { TreeReader } from '../reader.ts';
import { countBelow, type Counts } from './counts.ts';
import type { MemoryNode } from './nodes.ts';
import { MemoryRows, toPrerequisite } from './rows.ts';

/** A row with the name of its table. */
export type StoredRow = { [T in Table]: { table: T; row: Readonly<Rows[T]> } }[Table];

/**
 * All rows in memory: the oracle of tests and the simulation, and what travels in time through a log. Rows are never
 * changed in place, so what a reader holds stays as it was.
 *
 * ### Example
 *
 * ```ts
 * const tree = new MemoryTree();
 * for (const entry of log) tree.apply(applyEntry(entry, tree));
 * ```
 */
export class MemoryTree implements TreeReader {
  readonly #rows = new MemoryRows();
  readonly #mayView: (channel: Id) => boolean;

  /** @param mayView what `TreeReader.mayView` answers; by default every channel may be viewed */
  constructor(mayView: (channel: Id) => boolean = () => true) {
    this.#mayView = mayView;
  }

  row<T extends Table>(table: T, key: Key): Readonly<Rows[T]> | undefined {
    return this.#rows.row(table, key) as Readonly<Rows[T]> | undefined;
  }

  firstChild(parent: Id): Id | null {
    return idOf(this.#rows.nodes.get(parent).first);
  }

  lastChild(parent: Id): Id | null {
    return idOf(this.#rows.nodes.get(parent).last);
  }

  previousSibling(id: Id): Id | null {
    return idOf(this.#rows.nodes.get(id).previous);
  }

  nextSibling(id: Id): Id | null {
    return idOf(this.#rows.nodes.get(id).next);
  }

  path(id: Id): Id[] {
    const path: Id[] = [];
    for (let node: MemoryNode | null = this.#rows.nodes.get(id); node !== null; node = node.parent)
      path.push(node.row.id);
    return path;
  }

  height(id: Id): number {
    let height = -1;
    let level = [this.#rows.nodes.get(id)];
    while (level.length > 0) {
      height += 1;
      level = level.flatMap(childrenOf);
    }
    return height;
  }

  childCount(id: Id): number {
    return this.#rows.nodes.get(id).childCount;
  }

  nodeCount(channel: Id): number {
    return this.#rows.nodes.countOf(channel);
  }

  children(id: Id): Id[] {
    return childrenOf(this.#rows.nodes.get(id)).map((node) => node.row.id);
  }

  subtree(id: Id, without?: ReadonlySet<Id>): Id[] {
    return Array.from(this.#rows.nodes.walk(this.#rows.nodes.get(id), without), (node) => node.row.id);
  }

  attachedTo(table: 'file' | 'assessmentitem', owner: Id): Readonly<FileRow | ItemRow>[] {
    return table === 'file' ? this.#rows.files.of(owner) : this.#rows.items.of(owner);
  }

  pairsOf(node: Id): Readonly<PrerequisiteRow>[] {
    return this.#rows.pairs.of(node).map(toPrerequisite);
  }

  availability(table: string, key: Key, channel: Id): 'free' | 'taken' | 'reserved' {
    if (typeof key !== 'string') return this.#rows.pairs.get(keyText(key)) === undefined ? 'free' : 'taken';
    const isTaken =
      this.#rows.nodes.find(key) ??
      this.#rows.channels.get(key) ??
      this.#rows.items.get(key) ??
      this.#rows.apps.get(key) ??
      this.#rows.files.get(key);
    if (isTaken !== undefined) return 'taken';
    return this.#rows.tombstones.isReserved(key, table, channel) ? 'reserved' : 'free';
  }

  mayView(channel: Id): boolean {
    return this.#mayView(channel);
  }

  channels(): Iterable<Readonly<ChannelRow>> {
    return this.#rows.channels.values();
  }

  /** `[id, parent]` of every node of a channel in document order. */
  order(channel: Id): [Id, Id | null][] {
    const root = this.#rows.nodes.find(channel);
    return root === undefined ? [] : Array.from(this.#rows.nodes.walk(root), ({ row }) => [row.id, row.parent_id]);
  }

  /**
   * Every row of a channel: the channel, its nodes in document order, then items, prerequisites, files and applications' rows.
   *
   * @param under the nodes from this one down, and what hangs on them
   */
  *rows(channel: Id, under: Id = channel): Generator<StoredRow> {
    const row = this.#rows.channels.get(channel);
    if (row !== undefined && under === channel) yield { table: 'channel', row };
    const top = this.#rows.nodes.find(under);
    if (top === undefined) return;
    const nodes = [...this.#rows.nodes.walk(top)];
    for (const node of nodes) yield { table: 'contentnode', row: node.row };
    const items = nodes.flatMap((node) => this.#rows.items.of(node.row.id));
    for (const item of items) yield { table: 'assessmentitem', row: item };
    const pairs = new Map(nodes.flatMap((node) => this.#rows.pairs.of(node.row.id)).map((pair) => [pair.id, pair]));
    for (const pair of pairs.values()) yield { table: 'contentnode_prerequisite', row: toPrerequisite(pair) };
    const owners = [...nodes.map((node) => node.row), ...items];
    const files = new Map(owners.flatMap((owner) => this.#rows.files.of(owner.id)).map((file) => [file.id, file]));
    for (const file of files.values()) yield { table: 'file', row: file };
    if (under !== channel) return;
    for (const app of this.#rows.apps.values()) if (app.channel_id === channel) yield { table: 'app_row', row: app };
  }

  /** Counts of what is below a node. For many nodes ask `allCounts` once. */
  counts(id: Id): Counts {
    return countBelow(this.#rows.nodes.get(id), this.#rows.nodes).get(id) as Counts;
  }

  /** The counts of a node and of every node below it. */
  allCounts(top: Id): Map<Id, Counts> {
    return countBelow(this.#rows.nodes.get(top), this.#rows.nodes);
  }

  /** Puts a row of a snapshot in: a node as the last child of its parent, so nodes come in document order. */
  load({ table, row }: StoredRow): void {
    if (table === 'contentnode') this.#rows.nodes.insert(row, row.parent_id && this.lastChild(row.parent_id));
    else this.#rows.put(table, row);
  }

  apply(effects: readonly Effect[]): void {
    this.#rows.apply(effects);
  }
}

function idOf(node: MemoryNode | null): Id | null {
  return node === null ? null : node.row.id;
}

function childrenOf(node: MemoryNode): MemoryNode[] {
  const children: MemoryNode[] = [];
  for (let child = node.first; child !== null; child = child.next) children.push(child);
  return children;
}
