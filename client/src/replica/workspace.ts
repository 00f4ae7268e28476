import { type Id, type Key, keyText, type Rows, storedTable, type Table, TABLES } from '@cambium/protocol';
import { NotLoaded, type TreeReader } from '@cambium/tree';
import { type ClientDatabase, rowTable } from '../database/open.ts';
import { keyFromText, keyOf, type StoredNode, type StoredRow, type StoredRows } from '../database/rows.ts';
import { Hanging } from './hanging.ts';
import { SiblingIndex } from './sibling-index.ts';
import { UndoLog } from './undo-log.ts';

interface Slot {
  stored: StoredRow | undefined;
  now: StoredRow | undefined;
  dirty: boolean;
}

/**
 * The shown rows inside one Dexie transaction: reads are cached, writes gather in memory and go out in one `flush`.
 * What is not loaded yet makes a reader method throw `NotLoaded`.
 */
export class Workspace implements TreeReader {
  readonly db: ClientDatabase;
  readonly undo: UndoLog;
  readonly #slots: Record<Table, Map<string, Slot>>;
  readonly #siblings: SiblingIndex;
  readonly #hanging: Hanging;
  readonly #wholeChannels = new Set<Id>();
  readonly #wholeApps = new Set<Id>();

  constructor(db: ClientDatabase) {
    this.db = db;
    this.undo = new UndoLog();
    this.#slots = Object.fromEntries(TABLES.map((table) => [table, new Map<string, Slot>()])) as Record<
      Table,
      Map<string, Slot>
    >;
    const isDirty = (table: Table, key: string) => this.#slots[table].get(key)?.dirty === true;
    this.#siblings = new SiblingIndex(
      db,
      (id) => isDirty('contentnode', id),
      (rows) => this.#fill('contentnode', rows),
    );
    this.#hanging = new Hanging(db, isDirty, (table, rows) => this.#fill(table, rows));
  }

  // What the reducer asks.

  row<T extends Table>(table: T, key: Key): Readonly<Rows[T]> | undefined {
    return this.stored(table, keyText(key)) as Rows[T] | undefined;
  }

  firstChild(parent: Id): Id | null {
    return this.#siblings.next(parent, '')?.id ?? null;
  }

  lastChild(parent: Id): Id | null {
    return this.#siblings.previous(parent)?.id ?? null;
  }

  previousSibling(id: Id): Id | null {
    const { parent_id, order } = this.node(id);
    return parent_id === null ? null : (this.#siblings.previous(parent_id, order)?.id ?? null);
  }

  nextSibling(id: Id): Id | null {
    const { parent_id, order } = this.node(id);
    return parent_id === null ? null : (this.#siblings.next(parent_id, order)?.id ?? null);
  }

  path(id: Id): Id[] {
    const path: Id[] = [];
    for (let at: Id | null = id; at !== null; at = this.node(at).parent_id) {
      const from = at;
      if (!this.#slots.contentnode.has(at)) throw new NotLoaded(() => this.#loadUpwards(from));
      path.push(at);
    }
    return path;
  }

  /**
   * Always 0. To know it a whole subtree would have to be read for each move; only the rule of depth asks for it, and
   * that one is left to the server.
   */
  height(): number {
    return 0;
  }

  childCount(id: Id): number {
    return this.node(id).child_count;
  }

  /** Always 0: the limit of a channel is left to the server. */
  nodeCount(): number {
    return 0;
  }

  subtree(id: Id, without?: ReadonlySet<Id>): Id[] {
    const ids: Id[] = [];
    const stack = [id];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (without?.has(at)) continue;
      ids.push(at);
      stack.push(...this.children(at).reverse());
    }
    return ids;
  }

  attachedTo(table: 'file' | 'assessmentitem', owner: Id): Readonly<Rows['file' | 'assessmentitem']>[] {
    return this.#hanging.of(table, owner).map((key) => this.row(table, key) as Rows['file' | 'assessmentitem']);
  }

  pairsOf(node: Id): Readonly<Rows['contentnode_prerequisite']>[] {
    const table = 'contentnode_prerequisite';
    return this.#hanging.of(table, node).map((key) => this.stored(table, key) as Rows[typeof table]);
  }

  /** Looks at what this device has; what it cannot know (ids used up elsewhere) is the server's to refuse. */
  availability(table: string, key: Key): 'free' | 'taken' | 'reserved' {
    return this.stored(storedTable(table), keyText(key)) === undefined ? 'free' : 'taken';
  }

  mayView(): boolean {
    return true;
  }

  // What appliers of effects need besides.

  stored<T extends Table>(table: T, key: string): StoredRows[T] | undefined {
    const slot = this.#slots[table].get(key);
    if (!slot) throw new NotLoaded(() => this.load(table, [key]));
    return slot.now as StoredRows[T] | undefined;
  }

  node(id: Id): StoredNode {
    const node = this.stored('contentnode', id);
    if (!node) throw new Error(`no node ${id}`);
    return node;
  }

  children(parent: Id): Id[] {
    return this.node(parent).child_count === 0 ? [] : this.#siblings.children(parent);
  }

  /** Every node of a channel, in no particular order. */
  nodesOf(channel: Id): StoredNode[] {
    if (!this.#wholeChannels.has(channel)) {
      throw new NotLoaded(async () => {
        this.#fill('contentnode', await this.db.contentnode.where('channel_id').equals(channel).toArray());
        this.#wholeChannels.add(channel);
      });
    }
    const nodes: StoredNode[] = [];
    for (const { now } of this.#slots.contentnode.values()) {
      if (now?.['channel_id'] === channel) nodes.push(now as unknown as StoredNode);
    }
    return nodes;
  }

  /** Ids of the rows that a channel has in tables of applications. */
  appRowsOf(channel: Id): Id[] {
    if (!this.#wholeApps.has(channel)) {
      throw new NotLoaded(async () => {
        this.#fill('app_row', await this.db.app_row.where('channel_id').equals(channel).toArray());
        this.#wholeApps.add(channel);
      });
    }
    const own = [...this.#slots.app_row].filter(([, { now }]) => now?.['channel_id'] === channel);
    return own.map(([id]) => id);
  }

  /** The order keys around the place after a sibling (null: before all). */
  gap(parent: Id, after: Id | null): { low: string | null; high: string | null } {
    const low = after === null ? null : this.node(after).order;
    return { low, high: this.#siblings.next(parent, low ?? '')?.order ?? null };
  }

  /** Writes a row, or removes it (undefined), and notes what it was for the pending change that is being predicted. */
  set(table: Table, key: string, row: StoredRow | undefined): void {
    const slot = this.#slots[table].get(key);
    if (!slot) throw new NotLoaded(() => this.load(table, [key]));
    const before = slot.now;
    this.undo.touch(table, key, before, row);
    if (table === 'contentnode') this.#moveInIndex(key, slot, row as StoredNode | undefined);
    else this.#hanging.set(table, key, slot.dirty ? before : undefined, row);
    slot.now = row;
    slot.dirty = true;
  }

  #moveInIndex(id: Id, slot: Slot, row: StoredNode | undefined): void {
    const before = slot.now as StoredNode | undefined;
    if (slot.dirty && before && before.parent_id !== null) this.#siblings.displace(before.parent_id, before);
    if (row && row.parent_id !== null) this.#siblings.place(row.parent_id, { id, order: row.order });
  }

  // Loading and storing.

  async load(table: Table, keys: readonly string[]): Promise<void> {
    const slots = this.#slots[table];
    const missing = [...new Set(keys)].filter((key) => !slots.has(key));
    if (missing.length === 0) return;
    const rows = await rowTable(this.db, table).bulkGet(missing.map((key) => keyFromText(table, key) as string));
    for (const [index, key] of missing.entries()) {
      const stored = rows[index];
      slots.set(key, { stored, now: stored, dirty: false });
      if (stored === undefined) this.#knowNothingBelow(table, key);
    }
  }

  #knowNothingBelow(table: Table, key: string): void {
    if (table === 'contentnode') this.#siblings.knowEmpty(key);
    this.#hanging.knowEmpty(table, key);
  }

  hasHanging(table: 'file' | 'assessmentitem' | 'contentnode_prerequisite', owners: Id[]): boolean {
    return this.#hanging.has(table, owners);
  }

  loadHanging(table: 'file' | 'assessmentitem' | 'contentnode_prerequisite', owners: Id[]): Promise<void> {
    return this.#hanging.load(table, owners);
  }

  async #loadUpwards(id: Id): Promise<void> {
    for (let at: Id | null = id; at !== null;) {
      await this.load('contentnode', [at]);
      at = this.stored('contentnode', at)?.parent_id ?? null;
    }
  }

  #fill(table: Table, rows: readonly object[]): void {
    const slots = this.#slots[table];
    for (const row of rows as StoredRow[]) {
      const key = keyText(keyOf(table, row));
      if (!slots.has(key)) slots.set(key, { stored: row, now: row, dirty: false });
    }
  }

  /** Everything that was written, into the database. The workspace is not to be used afterwards. */
  async flush(): Promise<void> {
    for (const table of TABLES) {
      const puts: StoredRow[] = [];
      const deletes: (string | [string, string])[] = [];
      for (const [key, slot] of this.#slots[table]) {
        if (!slot.dirty || slot.now === slot.stored) continue;
        if (slot.now) puts.push(slot.now);
        else deletes.push(keyFromText(table, key));
      }
      if (deletes.length > 0) await rowTable(this.db, table).bulkDelete(deletes);
      if (puts.length > 0) await rowTable(this.db, table).bulkPut(puts);
    }
    await this.undo.flush(this.db);
  }
}
