import type { AbsentIds } from './absent.ts';
import type { Journal } from './journal.ts';

export interface Loaded<R> {
  row: R;
  /** server_rev of the last entry that touched the row; 0 for none. */
  rev: number;
}

/** What a table is in SQL. Keys are `keyText` of the row's key. */
export interface TableSql<R> {
  key(row: R): string;
  /** The rows that it hangs on. */
  owners(row: R): (string | null)[];
  load(key: string): Loaded<R> | undefined;
  /** One after the other: while they are taken, nothing else may be asked of this. */
  loadOwned(owner: string): Iterable<Loaded<R>>;
  insert(row: R, rev: number): void;
  update(row: R, rev: number): void;
  remove(key: string): void;
}

interface Slot<R> {
  row: R | undefined;
  rev: number;
  /** Is it in SQL as well? */
  stored: boolean;
  dirty: boolean;
}

/**
 * The rows of one table during one batch: read from SQL once, changed in memory, written back once each. Whoever reads
 * sees everything the batch has done so far.
 */
export class RowTable<R extends object> {
  readonly #sql: TableSql<R>;
  readonly #journal: Journal;
  readonly #absent: AbsentIds;
  readonly #slots = new Map<string, Slot<R>>();
  /** Keys that were under an owner at some time in this batch; the row itself says whether it still is. */
  readonly #under = new Map<string, Set<string>>();

  constructor(sql: TableSql<R>, journal: Journal, absent: AbsentIds) {
    this.#sql = sql;
    this.#journal = journal;
    this.#absent = absent;
  }

  row(key: string): R | undefined {
    return this.#peek(key)?.row;
  }

  revOf(key: string): number {
    return this.#peek(key)?.rev ?? 0;
  }

  put(row: R, rev: number): void {
    this.#set(this.#sql.key(row), row, rev);
  }

  /** Nothing happens when the row is gone. Without a rev the row keeps the one it has. */
  patch(key: string, fields: Partial<R>, rev?: number): void {
    const slot = this.#slot(key);
    if (slot.row) this.#set(key, { ...slot.row, ...fields }, rev ?? slot.rev);
  }

  /** Takes a row away; returns it, or undefined when it was gone already. */
  drop(key: string): R | undefined {
    const { row } = this.#slot(key);
    if (row) this.#set(key, undefined, 0);
    return row;
  }

  /** The rows that hang on an owner, one after the other; what nobody has asked for by its key is not kept. */
  *each(owner: string): Generator<R> {
    const hangs = (row: R | undefined): row is R => row !== undefined && this.#sql.owners(row).includes(owner);
    const seen = new Set<string>();
    for (const { row } of this.#sql.loadOwned(owner)) {
      const key = this.#sql.key(row);
      const slot = this.#slots.get(key);
      if (slot) seen.add(key);
      const now = slot ? slot.row : row;
      if (hangs(now)) yield now;
    }
    for (const key of this.#under.get(owner) ?? []) {
      const now = seen.has(key) ? undefined : this.#slots.get(key)?.row;
      if (hangs(now)) yield now;
    }
  }

  /** Keys of the rows that hang on an owner. */
  keysOf(owner: string): string[] {
    const keys: string[] = [];
    for (const row of this.each(owner)) keys.push(this.#sql.key(row));
    return keys;
  }

  /** The rows that hang on an owner, by key. */
  ownedBy(owner: string): R[] {
    const found = new Map<string, R>();
    for (const { row, rev } of this.#sql.loadOwned(owner)) {
      const key = this.#sql.key(row);
      if (!this.#slots.has(key)) this.#slots.set(key, { row, rev, stored: true, dirty: false });
      this.#find(key, owner, found);
    }
    for (const key of this.#under.get(owner) ?? []) this.#find(key, owner, found);
    return [...found.keys()].sort().map((key) => found.get(key) as R);
  }

  /** Has this batch changed any row here? */
  get isTouched(): boolean {
    return this.#under.size > 0;
  }

  /** Owners whose rows this batch has changed. */
  touchedOwners(): Iterable<string> {
    return this.#under.keys();
  }

  flush(): void {
    for (const [key, slot] of this.#slots) {
      if (!slot.dirty) continue;
      if (!slot.row) {
        if (slot.stored) this.#sql.remove(key);
      } else if (slot.stored) this.#sql.update(slot.row, slot.rev);
      else this.#sql.insert(slot.row, slot.rev);
      slot.stored = slot.row !== undefined;
      slot.dirty = false;
    }
  }

  #find(key: string, owner: string, into: Map<string, R>): void {
    const row = this.#slots.get(key)?.row;
    if (row && this.#sql.owners(row).includes(owner)) into.set(key, row);
  }

  /** What is surely absent needs no slot, and most ids that are looked up here are those of new nodes. */
  #peek(key: string): Slot<R> | undefined {
    return this.#slots.get(key) ?? (this.#absent.has(key) ? undefined : this.#slot(key));
  }

  #slot(key: string): Slot<R> {
    let slot = this.#slots.get(key);
    if (!slot) {
      const loaded = this.#absent.has(key) ? undefined : this.#sql.load(key);
      slot = { row: loaded?.row, rev: loaded?.rev ?? 0, stored: loaded !== undefined, dirty: false };
      this.#slots.set(key, slot);
    }
    return slot;
  }

  #set(key: string, row: R | undefined, rev: number): void {
    const old = this.#slot(key);
    this.#slots.set(key, { row, rev, stored: old.stored, dirty: true });
    this.#journal.record(() => this.#slots.set(key, old));
    for (const at of [old.row, row]) if (at) for (const owner of this.#sql.owners(at)) this.#remember(owner, key);
  }

  #remember(owner: string | null, key: string): void {
    if (owner === null) return;
    const keys = this.#under.get(owner);
    if (keys) keys.add(key);
    else this.#under.set(owner, new Set([key]));
  }
}
