import { deserialize, serialize } from 'node:v8';
import type { Database, Statement } from 'better-sqlite3';

/** A call of `run`: which statement, and its values. */
type Call = [statement: number, values: unknown[]];

/**
 * What was written on a connection. It is kept as bytes outside the heap until it is replayed: thousands of noted
 * values would make every collection of garbage dearer, and those are the cost of a batch and not of its replay.
 */
export class Recording {
  /** Runs every statement as ever and notes those that write. */
  readonly db: Database;
  readonly #texts: string[] = [];
  #calls: Call[] = [];

  constructor(db: Database) {
    this.db = new Proxy(db, {
      get: (target, key) => {
        if (key === 'prepare') return (text: string) => this.#prepare(target, text);
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }

  #prepare(db: Database, text: string): Statement<unknown[]> {
    const statement = db.prepare<unknown[]>(text);
    if (statement.reader) return statement;
    const number = this.#texts.push(text) - 1;
    const run = statement.run.bind(statement);
    statement.run = (...values) => {
      // A list of values is filled anew for the next call: it is copied.
      this.#calls.push([number, values.flat()]);
      return run(...values);
    };
    return statement;
  }

  /** What was noted since the last time. */
  take(): Buffer {
    const bytes = serialize(this.#calls);
    this.#calls = [];
    return bytes;
  }

  /**
   * Readies the writes of recordings, which are a transaction each, for another database: the very statements, or
   * `singly` a statement for each row.
   */
  replay(on: Database, recordings: readonly Buffer[], singly = false): () => void {
    const batches = recordings.map((bytes) =>
      (deserialize(bytes) as Call[])
        .map(([number, values]): Written => [this.#texts[number] as string, values])
        .flatMap((call) => (singly ? rowsOf(call) : [call]))
        .map(([text, values]) => [compiled(on, text), values] as const),
    );
    const run = on.transaction((calls: (typeof batches)[number]) => {
      for (const [statement, values] of calls) statement.run(...values);
    });
    return () => batches.forEach((calls) => run.immediate(calls));
  }
}

type Written = [text: string, values: unknown[]];

/** An INSERT of many rows as one of each. */
function rowsOf([text, values]: Written): Written[] {
  const [, start, row] = /^(INSERT .* VALUES )(\([?, ]+\)), \(/.exec(text) ?? [];
  if (start === undefined || row === undefined) return [[text, values]];
  const width = row.split('?').length - 1;
  return Array.from({ length: values.length / width }, (_, i) => [
    start + row,
    values.slice(i * width, (i + 1) * width),
  ]);
}

const statements = new WeakMap<Database, Map<string, Statement<unknown[]>>>();

function compiled(db: Database, text: string): Statement<unknown[]> {
  let own = statements.get(db);
  if (!own) statements.set(db, (own = new Map()));
  let found = own.get(text);
  if (!found) own.set(text, (found = db.prepare<unknown[]>(text)));
  return found;
}
