import type { Id } from '@cambium/protocol';

interface Keyed {
  id: Id;
}

/** Rows of one table by id, and by what they hang on. */
export class HangingRows<R extends Keyed> {
  readonly #rows = new Map<Id, R>();
  readonly #byOwner = new Map<Id, Map<Id, R>>();
  readonly #ownersOf: (row: R) => (Id | null)[];

  constructor(ownersOf: (row: R) => (Id | null)[]) {
    this.#ownersOf = ownersOf;
  }

  get(id: Id): R | undefined {
    return this.#rows.get(id);
  }

  of(owner: Id): R[] {
    const rows = this.#byOwner.get(owner);
    return rows === undefined ? [] : [...rows.values()];
  }

  put(row: R): void {
    this.drop(row.id);
    this.#rows.set(row.id, row);
    for (const owner of this.#ownersOf(row)) {
      if (owner === null) continue;
      const rows = this.#byOwner.get(owner);
      if (rows === undefined) this.#byOwner.set(owner, new Map([[row.id, row]]));
      else rows.set(row.id, row);
    }
  }

  drop(id: Id): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    this.#rows.delete(id);
    for (const owner of this.#ownersOf(row)) {
      if (owner === null) continue;
      const rows = this.#byOwner.get(owner);
      rows?.delete(id);
      if (rows?.size === 0) this.#byOwner.delete(owner);
    }
  }

  values(): Iterable<R> {
    return this.#rows.values();
  }
}
