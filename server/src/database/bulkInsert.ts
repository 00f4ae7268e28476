import type { Database, Statement } from 'better-sqlite3';
import { statement } from './statement.ts';

/** Rows of one statement, the most first: a call costs as much as writing a short row, so rows share it. */
const SIZES = [32, 4, 1] as const;

/**
 * Writes rows with few statements; what was added is in the database after `end`, and in part before.
 *
 * A statement that fails keeps the rows before the one at fault (`OR FAIL`), so whoever catches that rolls back further
 * than a statement. SQLite need not keep what each page was before a statement then, an eighth of what rows cost.
 */
export class BulkInsert {
  readonly #statements: readonly [rows: number, Statement<unknown[]>][];
  readonly #width: number;
  readonly #full: number;
  /** Filled from its start again and again: an array that grows is copied on the way. */
  readonly #values: unknown[];
  #count = 0;

  /**
   * @param into table and columns, as in `change_log(channel, rev)`
   * @param places what stands for one row, as in `(?, ?)`
   */
  constructor(db: Database, into: string, places: string) {
    this.#statements = SIZES.map((rows) => [rows, statement(db, textOf(into, places, rows))]);
    this.#width = places.split('?').length - 1;
    this.#full = this.#width * SIZES[0];
    this.#values = Array<unknown>(this.#full);
  }

  add(...row: unknown[]): void {
    for (const value of row) this.#values[this.#count++] = value;
    if (this.#count < this.#full) return;
    // As arguments: the values of a list are asked of it one by one, which costs a quarter more.
    this.#statements[0]?.[1].run(...this.#values);
    this.#count = 0;
  }

  end(): void {
    let at = 0;
    for (const [rows, insert] of this.#statements) {
      const step = rows * this.#width;
      for (; at + step <= this.#count; at += step) insert.run(...this.#values.slice(at, at + step));
    }
    this.#count = 0;
  }
}

const texts = new Map<string, string>();

function textOf(into: string, places: string, rows: number): string {
  const name = `${rows} ${into}`;
  let text = texts.get(name);
  if (text === undefined) {
    texts.set(name, (text = `INSERT OR FAIL INTO ${into} VALUES ${Array(rows).fill(places).join(', ')}`));
  }
  return text;
}
