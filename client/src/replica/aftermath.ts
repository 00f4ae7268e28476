import { type Id, type Key, keyText, type Rows, type Table } from '@cambium/protocol';
import type { TreeReader } from '@cambium/tree';
import { Dexie } from 'dexie';
import { type ClientDatabase, rowTable } from '../database/open.ts';
import type { Image, UndoRecord } from '../database/records.ts';
import { keyFromText, type StoredRow } from '../database/rows.ts';
import { before, rowOf } from './undo-log.ts';

interface Touch {
  image: Image;
  record: UndoRecord;
}

/** Some rows as they were after each pending change: what is shown, with the images of later changes laid over it. */
export class Aftermath {
  readonly #db: ClientDatabase;
  readonly #shown = new Map<string, StoredRow>();
  /** Oldest first. */
  readonly #touches = new Map<string, Touch[]>();
  readonly #changedRows = new Set<string>();
  readonly #changedRecords = new Set<UndoRecord>();

  constructor(db: ClientDatabase) {
    this.#db = db;
  }

  /**
   * Loads rows, given as `table:key`, with what pending changes have done to them, and others without: `after` says of
   * those what is shown.
   */
  async load(rows: Iterable<string>, others: Iterable<string>): Promise<void> {
    const byTable = new Map<Table, string[]>();
    const wanted = new Set(rows);
    for (const row of new Set([...wanted, ...others])) {
      const [table, key] = splitRow(row);
      const keys = byTable.get(table);
      if (keys) keys.push(key);
      else byTable.set(table, [key]);
      if (wanted.has(row)) this.#touches.set(row, []);
    }
    for (const [table, keys] of byTable) {
      const found = await rowTable(this.#db, table).bulkGet(keys.map((key) => keyFromText(table, key) as string));
      for (const [index, row] of found.entries()) if (row) this.#shown.set(`${table}:${keys[index] as string}`, row);
    }
    for (const record of await this.#undoOf([...this.#touches.keys()])) {
      for (const image of record.images) this.#touches.get(rowOf(image))?.push({ image, record });
    }
  }

  /** Oldest first. Asked for row by row, all at once: a cursor over many keys is slow everywhere. */
  async #undoOf(rows: string[]): Promise<UndoRecord[]> {
    const found = await Dexie.Promise.all(rows.map((row) => this.#db.undo.where('rows').equals(row).toArray()));
    const records = new Map<string, UndoRecord>();
    for (const record of found.flat()) records.set(`${record.rev}:${record.part}`, record);
    return [...records.values()].sort((a, b) => a.rev - b.rev || a.part - b.part);
  }

  /** The row when the change with this rev, and all before it, had been applied. */
  after(table: Table, key: string, rev: number): StoredRow | undefined {
    const name = `${table}:${key}`;
    let row = this.#shown.get(name);
    for (const { image, record } of (this.#touches.get(name) ?? []).toReversed()) {
      if (record.rev <= rev) break;
      row = before(image, row);
    }
    return row;
  }

  /** Did this very change write one of the fields? */
  wrote(table: Table, key: string, rev: number, fields: readonly string[]): boolean {
    return (this.#touches.get(`${table}:${key}`) ?? []).some(
      ({ image, record }) =>
        record.rev === rev && (image.full || fields.some((field) => Object.hasOwn(image.before ?? {}, field))),
    );
  }

  /** Sets a field of the row as it was after this change: in the next image of it, or else in what is shown. */
  correct(table: Table, key: string, rev: number, field: string, value: unknown): void {
    const name = `${table}:${key}`;
    for (const { image, record } of this.#touches.get(name) ?? []) {
      if (record.rev <= rev || !image.before || !(image.full || Object.hasOwn(image.before, field))) continue;
      image.before = { ...image.before, [field]: value };
      this.#changedRecords.add(record);
      return;
    }
    const shown = this.#shown.get(name);
    if (!shown || shown[field] === value) return;
    this.#shown.set(name, { ...shown, [field]: value });
    this.#changedRows.add(name);
  }

  /** Stores the corrections, but for images that are about to go anyway. */
  async flush(confirmed: ReadonlySet<number>): Promise<void> {
    const records = [...this.#changedRecords].filter(({ rev }) => !confirmed.has(rev));
    if (records.length > 0) await this.#db.undo.bulkPut(records);
    const puts = new Map<Table, StoredRow[]>();
    for (const name of this.#changedRows) {
      const [table] = splitRow(name);
      const row = this.#shown.get(name) as StoredRow;
      const rows = puts.get(table);
      if (rows) rows.push(row);
      else puts.set(table, [row]);
    }
    for (const [table, rows] of puts) await rowTable(this.#db, table).bulkPut(rows);
  }

  /** Rows just before a change, for `applyEntry`. It is asked for places only by moves, which are judged otherwise. */
  readerBefore(rev: number): TreeReader {
    const elsewhere = (): never => {
      throw new Error('an entry that is confirmed asks for rows alone');
    };
    return {
      row: <T extends Table>(table: T, key: Key) => this.after(table, keyText(key), rev - 1) as Rows[T] | undefined,
      firstChild: elsewhere,
      lastChild: elsewhere,
      previousSibling: elsewhere,
      nextSibling: elsewhere,
      path: elsewhere,
      height: elsewhere,
      childCount: elsewhere,
      nodeCount: elsewhere,
      subtree: elsewhere,
      attachedTo: elsewhere,
      pairsOf: elsewhere,
      availability: elsewhere,
      mayView: elsewhere,
    };
  }
}

function splitRow(row: string): [Table, string] {
  const colon = row.indexOf(':');
  return [row.slice(0, colon) as Table, row.slice(colon + 1) as Id];
}
