import {
  keyText,
  type ChannelRow,
  type FileRow,
  type Id,
  type ItemRow,
  type Key,
  type NodeRow,
  type PrerequisiteRow,
  type Row,
  type Rows,
  type Table,
} from '@cambium/protocol';
import type { Effect } from '../effect.ts';
import type { TreeReader } from '../reader.ts';
import { countBelow, type Counts } from './counts.ts';
import { HangingRows } from './hanging.ts';
import { MemoryNodes, type MemoryNode } from './nodes.ts';
import { Tombstones } from './tombstones.ts';

type Pair = PrerequisiteRow & { id: Id };

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
  readonly #channels = new Map<Id, ChannelRow>();
  readonly #nodes = new MemoryNodes();
  readonly #items = new HangingRows<ItemRow>((item) => [item.contentnode]);
  readonly #files = new HangingRows<FileRow>((file) => [file.contentnode, file.assessment_item]);
  readonly #pairs = new HangingRows<Pair>((pair) => [pair.target_node, pair.prerequisite]);
  readonly #tombstones = new Tombstones();
  readonly #mayView: (channel: Id) => boolean;

  /** @param mayView what `TreeReader.mayView` answers; by default every channel may be viewed */
  constructor(mayView: (channel: Id) => boolean = () => true) {
    this.#mayView = mayView;
  }

  row<T extends Table>(table: T, key: Key): Readonly<Rows[T]> | undefined {
    return this.#row(table, key) as Readonly<Rows[T]> | undefined;
  }

  firstChild(parent: Id): Id | null {
    return idOf(this.#nodes.get(parent).first);
  }

  lastChild(parent: Id): Id | null {
    return idOf(this.#nodes.get(parent).last);
  }

  previousSibling(id: Id): Id | null {
    return idOf(this.#nodes.get(id).previous);
  }

  nextSibling(id: Id): Id | null {
    return idOf(this.#nodes.get(id).next);
  }

  path(id: Id): Id[] {
    const path: Id[] = [];
    for (let node: MemoryNode | null = this.#nodes.get(id); node !== null; node = node.parent) path.push(node.row.id);
    return path;
  }

  height(id: Id): number {
    let height = -1;
    let level = [this.#nodes.get(id)];
    while (level.length > 0) {
      height += 1;
      level = level.flatMap(childrenOf);
    }
    return height;
  }

  childCount(id: Id): number {
    return this.#nodes.get(id).childCount;
  }

  children(id: Id): Id[] {
    return childrenOf(this.#nodes.get(id)).map((node) => node.row.id);
  }

  subtree(id: Id, without?: ReadonlySet<Id>): Id[] {
    return Array.from(this.#nodes.walk(this.#nodes.get(id), without), (node) => node.row.id);
  }

  attachedTo(table: 'file' | 'assessmentitem', owner: Id): Readonly<FileRow | ItemRow>[] {
    return table === 'file' ? this.#files.of(owner) : this.#items.of(owner);
  }

  pairsOf(node: Id): Readonly<PrerequisiteRow>[] {
    return this.#pairs.of(node).map(toPrerequisite);
  }

  availability(table: Table, key: Key, channel: Id): 'free' | 'taken' | 'reserved' {
    if (typeof key !== 'string') return this.#pairs.get(keyText(key)) === undefined ? 'free' : 'taken';
    const isTaken = this.#nodes.find(key) ?? this.#channels.get(key) ?? this.#items.get(key) ?? this.#files.get(key);
    if (isTaken !== undefined) return 'taken';
    return this.#tombstones.isReserved(key, table, channel) ? 'reserved' : 'free';
  }

  mayView(channel: Id): boolean {
    return this.#mayView(channel);
  }

  channels(): Iterable<Readonly<ChannelRow>> {
    return this.#channels.values();
  }

  /** `[id, parent]` of every node of a channel in document order. */
  order(channel: Id): [Id, Id | null][] {
    const root = this.#nodes.find(channel);
    return root === undefined ? [] : Array.from(this.#nodes.walk(root), ({ row }) => [row.id, row.parent_id]);
  }

  /**
   * Every row of a channel: the channel, its nodes in document order, then items, prerequisites and files.
   *
   * @param under the nodes from this one down, and what hangs on them
   */
  *rows(channel: Id, under: Id = channel): Generator<StoredRow> {
    const row = this.#channels.get(channel);
    if (row !== undefined && under === channel) yield { table: 'channel', row };
    const top = this.#nodes.find(under);
    if (top === undefined) return;
    const nodes = [...this.#nodes.walk(top)];
    for (const node of nodes) yield { table: 'contentnode', row: node.row };
    const items = nodes.flatMap((node) => this.#items.of(node.row.id));
    for (const item of items) yield { table: 'assessmentitem', row: item };
    const pairs = new Map(nodes.flatMap((node) => this.#pairs.of(node.row.id)).map((pair) => [pair.id, pair]));
    for (const pair of pairs.values()) yield { table: 'contentnode_prerequisite', row: toPrerequisite(pair) };
    const owners = [...nodes.map((node) => node.row), ...items];
    const files = new Map(owners.flatMap((owner) => this.#files.of(owner.id)).map((file) => [file.id, file]));
    for (const file of files.values()) yield { table: 'file', row: file };
  }

  /** Counts of what is below a node. For many nodes ask `allCounts` once. */
  counts(id: Id): Counts {
    return countBelow(this.#nodes.get(id), this.#nodes).get(id) as Counts;
  }

  /** The counts of a node and of every node below it. */
  allCounts(top: Id): Map<Id, Counts> {
    return countBelow(this.#nodes.get(top), this.#nodes);
  }

  /** Puts a row of a snapshot in: a node as the last child of its parent, so nodes come in document order. */
  load({ table, row }: StoredRow): void {
    if (table === 'contentnode') this.#nodes.insert(row, row.parent_id && this.lastChild(row.parent_id));
    else this.#put(table, row);
  }

  apply(effects: readonly Effect[]): void {
    for (const effect of effects) this.#apply(effect);
  }

  #apply(effect: Effect): void {
    switch (effect.effect) {
      case 'insert':
        return this.#nodes.insert(effect.row, effect.after);
      case 'move':
        return this.#nodes.move(effect.id, effect.parent, effect.after);
      case 'remove':
        return this.#remove(effect.id);
      case 'patch':
        return this.#patch(effect.table, effect.key, effect.fields);
      case 'put':
        return this.#put(effect.table, effect.row);
      case 'drop':
        return this.#drop(effect.table, effect.key);
      case 'publish':
        return this.#publish(effect.channel);
      case 'removeChannel':
        return this.#removeChannel(effect.channel);
    }
  }

  #row(table: Table, key: Key): Row | undefined {
    if (typeof key !== 'string') {
      const pair = table === 'contentnode_prerequisite' ? this.#pairs.get(keyText(key)) : undefined;
      return pair && toPrerequisite(pair);
    }
    if (table === 'contentnode') return this.#nodes.find(key)?.row;
    if (table === 'channel') return this.#channels.get(key);
    if (table === 'file') return this.#files.get(key);
    return table === 'assessmentitem' ? this.#items.get(key) : undefined;
  }

  #patch(table: Table, key: Key, fields: Partial<Row>): void {
    const row = this.#row(table, key);
    if (row === undefined) throw new Error(`there is no row ${keyText(key)} of ${table} to patch`);
    const patched = { ...row, ...fields } as Row;
    if (table === 'contentnode') this.#nodes.get(key as Id).row = patched as NodeRow;
    else this.#put(table, patched);
  }

  #put(table: Exclude<Table, 'contentnode'>, row: Row): void {
    switch (table) {
      case 'channel':
        this.#channels.set((row as ChannelRow).id, row as ChannelRow);
        break;
      case 'assessmentitem':
        this.#items.put(row as ItemRow);
        break;
      case 'file':
        this.#files.put(row as FileRow);
        break;
      case 'contentnode_prerequisite': {
        const pair = row as PrerequisiteRow;
        this.#pairs.put({ ...pair, id: keyText([pair.target_node, pair.prerequisite]) });
      }
    }
  }

  #drop(table: Exclude<Table, 'contentnode'>, key: Key): void {
    if (typeof key !== 'string') return this.#pairs.drop(keyText(key));
    const rows = table === 'file' ? this.#files : this.#items;
    this.#tombstones.bury(key, table, rows.get(key)?.channel_id ?? null);
    rows.drop(key);
  }

  #remove(id: Id): void {
    for (const { row } of this.#nodes.remove(id)) {
      this.#tombstones.bury(row.id, 'contentnode', row.channel_id);
      for (const pair of this.#pairs.of(row.id)) this.#pairs.drop(pair.id);
      for (const file of this.#files.of(row.id)) this.#drop('file', file.id);
      for (const item of this.#items.of(row.id)) {
        for (const file of this.#files.of(item.id)) this.#drop('file', file.id);
        this.#drop('assessmentitem', item.id);
      }
    }
  }

  #publish(channel: Id): void {
    for (const node of this.#nodes.walk(this.#nodes.get(channel))) {
      if (node.row.complete) node.row = { ...node.row, published: true, changed: false };
    }
  }

  #removeChannel(channel: Id): void {
    this.#channels.delete(channel);
    this.#tombstones.bury(channel, 'channel', channel);
    if (this.#nodes.find(channel) !== undefined) this.#remove(channel);
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

function toPrerequisite({ target_node, prerequisite, channel_id }: Pair): PrerequisiteRow {
  return { target_node, prerequisite, channel_id };
}
