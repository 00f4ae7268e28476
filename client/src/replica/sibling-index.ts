import type { Id } from '@cambium/protocol';
import { NotLoaded } from '@cambium/tree';
import { Dexie } from 'dexie';
import type { ClientDatabase } from '../database/open.ts';
import type { StoredNode } from '../database/rows.ts';

interface Place {
  id: Id;
  order: string;
}

/** Stored siblings fetched at once beyond the one that was asked for: whoever walks a list goes on. */
const AHEAD = 4;

const LAST = '\uffff';

/**
 * The order of siblings inside one transaction: what the database holds, with what the workspace has changed since on
 * top. Asks the database for neighbours only, so that work in a topic of many thousands costs no more than in a small
 * one.
 */
export class SiblingIndex {
  readonly #db: ClientDatabase;
  readonly #isDirty: (id: Id) => boolean;
  /** Loaded rows are handed on, so that the workspace need not fetch them again. */
  readonly #onLoad: (rows: StoredNode[]) => void;
  /** What the workspace has placed under a parent, by order. */
  readonly #placed = new Map<Id, Place[]>();
  /** Stored neighbours by `parent:order`; null: there is none. */
  readonly #after = new Map<string, Place | null>();
  readonly #before = new Map<string, Place | null>();
  readonly #lists = new Map<Id, Place[]>();

  constructor(db: ClientDatabase, isDirty: (id: Id) => boolean, onLoad: (rows: StoredNode[]) => void) {
    this.#db = db;
    this.#isDirty = isDirty;
    this.#onLoad = onLoad;
  }

  place(parent: Id, place: Place): void {
    const list = this.#placed.get(parent) ?? [];
    list.splice(lowerBound(list, place.order), 0, place);
    this.#placed.set(parent, list);
  }

  displace(parent: Id, place: Place): void {
    const list = this.#placed.get(parent) ?? [];
    const at = lowerBound(list, place.order);
    if (list[at]?.id === place.id) list.splice(at, 1);
  }

  /** A parent that has no row in the database has no stored children either. */
  knowEmpty(parent: Id): void {
    if (!this.#lists.has(parent)) this.#lists.set(parent, []);
  }

  /** The sibling after the given order, or the first one (`''`). */
  next(parent: Id, order: string): Place | null {
    const list = this.#placed.get(parent) ?? [];
    const placed = list[lowerBound(list, order + '\0')] ?? null;
    let stored = this.#storedAfter(parent, order);
    while (stored && this.#isDirty(stored.id)) stored = this.#storedAfter(parent, stored.order);
    if (!placed || !stored) return placed ?? stored;
    return placed.order < stored.order ? placed : stored;
  }

  /** The sibling before the given order, or the last one (no order). */
  previous(parent: Id, order: string = LAST): Place | null {
    const list = this.#placed.get(parent) ?? [];
    const placed = list[lowerBound(list, order) - 1] ?? null;
    let stored = this.#storedBefore(parent, order);
    while (stored && this.#isDirty(stored.id)) stored = this.#storedBefore(parent, stored.order);
    if (!placed || !stored) return placed ?? stored;
    return placed.order > stored.order ? placed : stored;
  }

  /** All children in order. */
  children(parent: Id): Id[] {
    const stored = this.#lists.get(parent);
    if (!stored) throw new NotLoaded(() => this.loadLists([parent]));
    const clean = stored.filter(({ id }) => !this.#isDirty(id));
    const placed = this.#placed.get(parent);
    if (!placed || placed.length === 0) return clean.map(({ id }) => id);
    return [...clean, ...placed].sort(byOrder).map(({ id }) => id);
  }

  /** Loads the stored children of these parents, and all below them, a level at a time. */
  async loadLists(parents: Id[]): Promise<void> {
    let level = parents.filter((id) => !this.#lists.has(id));
    while (level.length > 0) {
      const rows = await this.#db.contentnode.where('parent_id').anyOf(level).toArray();
      for (const id of level) this.#lists.set(id, []);
      for (const row of rows) this.#lists.get(row.parent_id as Id)?.push({ id: row.id, order: row.order });
      for (const id of level) this.#lists.get(id)?.sort(byOrder);
      this.#onLoad(rows);
      for (const row of rows) if (row.child_count === 0) this.knowEmpty(row.id);
      level = rows.filter((row) => !this.#lists.has(row.id)).map((row) => row.id);
    }
  }

  #storedAfter(parent: Id, order: string): Place | null {
    const list = this.#lists.get(parent);
    if (list) return list[lowerBound(list, order + '\0')] ?? null;
    const known = this.#after.get(`${parent}:${order}`);
    if (known !== undefined) return known;
    throw new NotLoaded(async () => {
      const rows = await this.#db.contentnode
        .where('[parent_id+order]')
        .between([parent, order], [parent, Dexie.maxKey], false, true)
        .limit(AHEAD)
        .toArray();
      this.#remember(this.#after, parent, order, rows);
    });
  }

  #storedBefore(parent: Id, order: string): Place | null {
    const list = this.#lists.get(parent);
    if (list) return list[lowerBound(list, order) - 1] ?? null;
    const known = this.#before.get(`${parent}:${order}`);
    if (known !== undefined) return known;
    throw new NotLoaded(async () => {
      const rows = await this.#db.contentnode
        .where('[parent_id+order]')
        .between([parent, Dexie.minKey], [parent, order], true, false)
        .reverse()
        .limit(AHEAD)
        .toArray();
      this.#remember(this.#before, parent, order, rows);
    });
  }

  #remember(neighbours: Map<string, Place | null>, parent: Id, from: string, rows: StoredNode[]): void {
    let at = from;
    for (const { id, order } of rows) {
      neighbours.set(`${parent}:${at}`, { id, order });
      at = order;
    }
    if (rows.length < AHEAD) neighbours.set(`${parent}:${at}`, null);
    this.#onLoad(rows);
  }
}

function byOrder(a: Place, b: Place): number {
  return a.order < b.order ? -1 : a.order > b.order ? 1 : 0;
}

/** The first index whose order is not below the given one. */
function lowerBound(list: readonly Place[], order: string): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] as Place).order < order) low = middle + 1;
    else high = middle;
  }
  return low;
}
