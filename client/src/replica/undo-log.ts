import { isEqualJson, type Table } from '@cambium/protocol';
import type { ClientDatabase } from '../database/open.ts';
import type { Image, UndoRecord } from '../database/records.ts';
import type { StoredRow } from '../database/rows.ts';

interface Touched {
  table: Table;
  key: string;
  before: StoredRow | undefined;
  now: StoredRow | undefined;
}

/** Images of one record: a change that touches more gets several. */
const PART = 500;

/** Fields that follow from changes of other rows; images of nothing else need not be found by their row. */
const BOOKKEEPING = new Set(['child_count', 'changed']);

/** Notes what rows were before each pending change touched them. */
export class UndoLog {
  #rev: number | null = null;
  #touched = new Map<string, Touched>();
  #records: UndoRecord[] = [];
  readonly #dropped: [number, number][] = [];

  /** From now on rows are touched by this pending change, or (null) by nothing that has to be undone. */
  begin(rev: number | null): void {
    this.#rev = rev;
    this.#touched = new Map();
  }

  touch(table: Table, key: string, before: StoredRow | undefined, now: StoredRow | undefined): void {
    if (this.#rev === null) return;
    const id = `${table}:${key}`;
    const known = this.#touched.get(id);
    if (known) known.now = now;
    else this.#touched.set(id, { table, key, before, now });
  }

  /** What the change has touched since `begin`, newest first. */
  touched(): Touched[] {
    return [...this.#touched.values()].reverse();
  }

  /** Keeps the images of the change that was begun. */
  end(): void {
    if (this.#rev !== null) this.#records.push(...recordsOf(this.#rev, this.#touched.values()));
    this.begin(null);
  }

  /** Takes back what `end` kept for these revs. */
  forget(revs: ReadonlySet<number>): UndoRecord[] {
    const gone = this.#records.filter((record) => revs.has(record.rev));
    if (gone.length > 0) this.#records = this.#records.filter((record) => !revs.has(record.rev));
    return gone;
  }

  /** Stored records that are not needed any more. */
  drop(records: readonly UndoRecord[]): void {
    for (const { rev, part } of records) this.#dropped.push([rev, part]);
  }

  async flush(db: ClientDatabase): Promise<void> {
    if (this.#dropped.length > 0) await db.undo.bulkDelete(this.#dropped);
    if (this.#records.length > 0) await db.undo.bulkPut(this.#records);
  }
}

function recordsOf(rev: number, touched: Iterable<Touched>): UndoRecord[] {
  const images: Image[] = [];
  for (const { table, key, before, now } of touched) {
    const image = imageOf(table, key, before, now);
    if (image) images.push(image);
  }
  const records: UndoRecord[] = [];
  for (let at = 0; at < images.length; at += PART) {
    const part = images.slice(at, at + PART);
    records.push({ rev, part: records.length, images: part, rows: part.filter(isSignificant).map(rowOf) });
  }
  return records;
}

function imageOf(table: Table, key: string, before: StoredRow | undefined, now: StoredRow | undefined): Image | null {
  if (!before) return now ? { table, key, before: null, full: true } : null;
  if (!now) return { table, key, before, full: true };
  const fields: StoredRow = {};
  let changed = false;
  for (const field of new Set([...Object.keys(before), ...Object.keys(now)])) {
    if (before[field] === now[field] || isEqualJson(before[field], now[field])) continue;
    fields[field] = before[field];
    changed = true;
  }
  return changed ? { table, key, before: fields, full: false } : null;
}

function isSignificant(image: Image): boolean {
  return image.full || Object.keys(image.before ?? {}).some((field) => !BOOKKEEPING.has(field));
}

export function rowOf(image: { table: string; key: string }): string {
  return `${image.table}:${image.key}`;
}

/** The row before an image was taken, from the row after. Undefined: there was none. */
export function before(image: Image, after: StoredRow | undefined): StoredRow | undefined {
  if (image.full) return image.before ?? undefined;
  if (!after) throw new Error(`nothing to undo on ${rowOf(image)}`);
  return { ...after, ...image.before };
}
