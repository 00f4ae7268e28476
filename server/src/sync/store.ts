import type { Database } from 'better-sqlite3';
import {
  keyText,
  storedTable,
  type AppRow,
  type ChannelRow,
  type FileRow,
  type Id,
  type ItemRow,
  type Key,
  type NodeRow,
  type PrerequisiteRow,
  type Rows,
  type Table,
} from '@cambium/protocol';
import type { Effect, TreeReader } from '@cambium/tree';
import { statement } from '../database/statement.ts';
import { assessmentItemSql } from '../tables/assessmentitem.ts';
import { appRowSql } from '../tables/appRow.ts';
import { AbsentIds } from '../tables/absent.ts';
import { ChannelTable } from '../tables/channel.ts';
import { fileSql } from '../tables/file.ts';
import { Journal } from '../tables/journal.ts';
import { MemberTable, type Author } from '../tables/member.ts';
import { prerequisiteSql } from '../tables/prerequisite.ts';
import { RowTable } from '../tables/rowTable.ts';
import { Tombstones } from '../tables/tombstone.ts';
import { NodeBatch, type Mark as NodeMark } from '../tree/index.ts';
import { clearChannel } from './clearChannel.ts';
import type { Plan } from './foresee.ts';
import { NodeCounts } from './nodeCounts.ts';

export interface Mark {
  nodes: NodeMark;
  journal: number;
}

/** The row that an entry is about: its `rev` becomes the entry's; other rows that it touches keep theirs. */
export interface Subject {
  table: string;
  key: string;
  /** Null for a file that hangs on nothing. */
  channel: Id | null;
  rev: number;
}

const STORED_NODE = `SELECT 1 FROM node WHERE id = ?`;

/** Ids that are looked up together: enough for the fewest queries that matter, few enough to be small. */
const FORESEEN = 1_000;

/**
 * Everything that one batch reads and writes, over SQL that stays as it was until `flush`: what the reducer sees
 * (`TreeReader`), and the only place that knows how an effect changes a row. Lives for one transaction.
 */
export class BatchStore implements TreeReader {
  readonly channels: ChannelTable;
  readonly members: MemberTable;
  readonly #db: Database;
  readonly #journal = new Journal();
  readonly #absent: AbsentIds;
  readonly #nodes: NodeBatch;
  readonly #items: RowTable<ItemRow>;
  readonly #files: RowTable<FileRow>;
  readonly #pairs: RowTable<PrerequisiteRow>;
  readonly #apps: RowTable<AppRow>;
  readonly #tombstones: Tombstones;
  /** Channels deleted in this batch: their files go from SQL at `flush`. */
  readonly #cleared = new Set<Id>();
  readonly #counts: NodeCounts;
  #author: Author | undefined;

  constructor(db: Database) {
    this.#db = db;
    this.#absent = new AbsentIds(db);
    this.#counts = new NodeCounts(db, this.#journal);
    this.channels = new ChannelTable(db, this.#journal, this.#absent);
    this.members = new MemberTable(db, this.channels, this.#journal);
    this.#tombstones = new Tombstones(db, this.channels, this.#journal, this.#absent);
    this.#nodes = new NodeBatch(db, this.channels);
    this.#items = new RowTable(assessmentItemSql(db, this.channels), this.#journal, this.#absent);
    this.#files = new RowTable(fileSql(db, this.channels), this.#journal, this.#absent);
    this.#apps = new RowTable(appRowSql(db, this.channels), this.#journal, this.#absent);
    this.#pairs = new RowTable(prerequisiteSql(db, this.channels), this.#journal, this.#absent);
  }

  /** Whose eyes `mayView` looks through from now on. */
  setAuthor(author: Author): void {
    this.#author = author;
  }

  row<T extends Table>(table: T, key: Key): Readonly<Rows[T]> | undefined {
    const row = this.#anyRow(table, key);
    if (row && this.#isCleared(row)) return undefined;
    return row as Rows[T] | undefined;
  }

  firstChild(parent: Id): Id | null {
    return this.#nodes.firstChild(parent);
  }
  lastChild(parent: Id): Id | null {
    return this.#nodes.lastChild(parent);
  }
  previousSibling(id: Id): Id | null {
    return this.#nodes.previousSibling(id);
  }
  nextSibling(id: Id): Id | null {
    return this.#nodes.nextSibling(id);
  }
  path(id: Id): Id[] {
    return this.#nodes.path(id);
  }
  height(id: Id): number {
    return this.#nodes.height(id);
  }
  childCount(id: Id, enough?: number): number {
    return this.#nodes.childCount(id, enough);
  }
  /** Nodes that this batch has made, whatever became of them. */
  get made(): number {
    return this.#counts.made;
  }
  nodeCount(channel: Id): number {
    return this.#counts.of(channel);
  }
  subtree(id: Id, without?: ReadonlySet<Id>): Id[] {
    return this.#nodes.subtree(id, without);
  }

  attachedTo(table: 'file' | 'assessmentitem', owner: Id): Iterable<FileRow | ItemRow> {
    return table === 'file' ? this.#files.each(owner) : this.#items.each(owner);
  }

  pairsOf(node: Id): PrerequisiteRow[] {
    return this.#pairs.ownedBy(node);
  }

  availability(table: string, key: Key, channel: Id): 'free' | 'taken' | 'reserved' {
    const id = keyText(key);
    if (typeof key !== 'string') return this.#pairs.row(id) ? 'taken' : 'free';
    const home = this.#nodes.channelOf(id);
    if (home !== undefined) return this.channels.row(home) ? 'taken' : 'reserved';
    // Of a channel that this batch deleted its nodes say nothing any more.
    if (this.#cleared.size > 0 && statement(this.#db, STORED_NODE).get(id) !== undefined) return 'reserved';
    if (this.channels.row(id)) return 'taken';
    const row = this.#items.row(id) ?? this.#files.row(id) ?? this.#apps.row(id);
    if (row) return this.#isCleared(row) ? 'reserved' : 'taken';
    if (this.channels.isKnown(id) || this.#tombstones.isReserved(id, table, channel)) return 'reserved';
    return 'free';
  }

  foresee(nodes: readonly Id[], given: readonly Id[]): void {
    for (let at = 0; at < nodes.length; at += FORESEEN) {
      const free = given.slice(at, at + FORESEEN);
      const named = [...nodes.slice(at, at + FORESEEN), ...free];
      this.prefetch({ nodes: { named, leaving: [], growing: [] }, given: free });
    }
  }

  mayView(channel: Id): boolean {
    return this.#author !== undefined && this.members.mayView(channel, this.#author);
  }

  /** The last rev, in its own channel's log, that touched a row; 0 for none. */
  revOf(table: string, key: Key): number {
    const id = keyText(key);
    if (table === 'contentnode') return this.#nodes.revOf(id) ?? 0;
    if (table === 'channel') return this.channels.revOf(id);
    return this.#tableOf(storedTable(table) as 'file').revOf(id);
  }

  apply(effects: readonly Effect[], subject: Subject): void {
    for (const effect of effects) this.#apply(effect, subject);
  }

  /** Characters of the nodes that the batch holds in memory. */
  get weight(): number {
    return this.#nodes.weight;
  }

  mark(): Mark {
    return { nodes: this.#nodes.mark(), journal: this.#journal.mark() };
  }

  rollback(mark: Mark): void {
    this.#nodes.rollback(mark.nodes);
    this.#journal.rollback(mark.journal);
  }

  /** Loads with a few queries what a batch will ask for: nodes that it names, and whether ids that it gives are free. */
  prefetch({ nodes, given }: Plan): void {
    this.#nodes.prefetch(nodes);
    this.#absent.look(given);
  }

  /** Writes everything to SQL, once a row. The store is of no use afterwards. */
  flush(): void {
    this.channels.flush();
    this.members.flush();
    this.#tombstones.flush();
    for (const node of this.#items.touchedOwners()) {
      if (this.#nodes.row(node)) this.#nodes.setItemCount(node, this.#items.keysOf(node).length);
    }
    this.#items.flush();
    this.#files.flush();
    this.#pairs.flush();
    this.#apps.flush();
    for (const channel of this.#cleared) clearChannel(this.#db, this.channels.channelPk(channel));
    this.#nodes.flush();
  }

  #apply(effect: Effect, subject: Subject): void {
    switch (effect.effect) {
      case 'insert':
        this.#counts.add(effect.row.channel_id, 1);
        return this.#nodes.insert(effect.row, effect.after, subject.rev);
      case 'move':
        return this.#nodes.move(effect.id, effect.parent, effect.after, subject.rev);
      case 'remove':
        return this.#remove(effect.id, subject.channel);
      case 'patch':
        return this.#patch(effect, subject);
      case 'put':
        return this.#put(effect.table, effect.row, subject.rev);
      case 'drop':
        return this.#drop(effect.table, effect.key, subject.channel);
      case 'publish':
        return this.#nodes.publish(effect.channel);
      case 'removeChannel':
        return this.#removeChannel(effect.channel, subject.rev);
    }
  }

  #patch(effect: Extract<Effect, { effect: 'patch' }>, subject: Subject): void {
    const key = keyText(effect.key);
    const rev = effect.table === storedTable(subject.table) && key === subject.key ? subject.rev : undefined;
    if (effect.table === 'contentnode') this.#nodes.patch(key, effect.fields as Partial<NodeRow>, rev);
    else if (effect.table === 'channel') this.channels.patch(key, effect.fields as Partial<ChannelRow>, rev);
    else this.#tableOf(effect.table).patch(key, effect.fields, rev);
  }

  #put(table: Exclude<Table, 'contentnode'>, row: Rows[Exclude<Table, 'contentnode'>], rev: number): void {
    if (table === 'channel') this.channels.put(row as ChannelRow, rev);
    else this.#tableOf(table).put(row, rev);
  }

  #drop(table: Exclude<Table, 'contentnode'>, key: Key, channel: Id | null): void {
    const id = keyText(key);
    if (table === 'channel') throw new Error('a channel is removed, never dropped');
    const dropped = this.#tableOf(table).drop(id);
    if (dropped && channel !== null && table !== 'contentnode_prerequisite')
      this.#tombstones.add(id, 'table' in dropped ? dropped.table : table, channel);
  }

  #remove(id: Id, channel: Id | null): void {
    if (channel === null) throw new Error('a node without a channel');
    const pk = this.channels.channelPk(channel);
    const [items, files, pairs] = [
      this.#any('assessmentitem', pk, this.#items),
      this.#any('file', pk, this.#files),
      this.#any('prerequisite', pk, this.#pairs),
    ];
    const gone = this.#nodes.remove(id);
    this.#counts.add(channel, -gone.length);
    for (const { id: node } of gone) {
      this.#tombstones.add(node, 'contentnode', channel);
      if (items) for (const item of this.#items.keysOf(node)) this.#removeItem(item, channel);
      if (files) for (const file of this.#files.keysOf(node)) this.#drop('file', file, channel);
      if (pairs)
        for (const pair of this.#pairs.ownedBy(node)) this.#pairs.drop(keyText([pair.target_node, pair.prerequisite]));
    }
  }

  #removeItem(id: Id, channel: Id): void {
    for (const file of this.#files.keysOf(id)) this.#drop('file', file, channel);
    this.#drop('assessmentitem', id, channel);
  }

  /** Has the channel any such row? Most have none, and removing a large subtree then asks nothing a node. */
  #any(table: 'assessmentitem' | 'file' | 'prerequisite', channel: number, rows: { isTouched: boolean }): boolean {
    return (
      rows.isTouched ||
      statement(this.#db, `SELECT 1 FROM ${table} WHERE channel = ? LIMIT 1`).get(channel) !== undefined
    );
  }

  #removeChannel(channel: Id, rev: number): void {
    this.channels.remove(channel, rev);
    this.members.end(channel);
    this.#nodes.removeChannel(channel);
    this.#cleared.add(channel);
    this.#journal.record(() => this.#cleared.delete(channel));
  }

  #anyRow(table: Table, key: Key): Rows[Table] | undefined {
    if (table === 'contentnode') return this.#nodes.row(key as Id);
    if (table === 'channel') return this.channels.row(key as Id);
    return this.#tableOf(table).row(keyText(key));
  }

  /** The rows of a deleted channel are there until the writer has time for them (`clearRemains`). */
  #isCleared(row: Rows[Table]): boolean {
    return 'channel_id' in row && row.channel_id !== null && this.channels.row(row.channel_id) === undefined;
  }

  /** The overlay of a table; its row type is the caller's to know. */
  #tableOf(table: Exclude<Table, 'contentnode' | 'channel'>): RowTable<Rows[Table]> {
    const tables = {
      assessmentitem: this.#items,
      file: this.#files,
      contentnode_prerequisite: this.#pairs,
      app_row: this.#apps,
    };
    return tables[table] as unknown as RowTable<Rows[Table]>;
  }
}
