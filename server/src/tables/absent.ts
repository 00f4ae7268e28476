import type { Database } from 'better-sqlite3';
import type { Id } from '@cambium/protocol';
import { statement } from '../database/statement.ts';

/** Asks for the few that are there: a row of each that is not would cost more than the search. */
const FIND = `SELECT j.value AS id FROM json_each(?) j WHERE EXISTS(SELECT 1 FROM channel WHERE id = j.value)
  OR EXISTS(SELECT 1 FROM assessmentitem WHERE id = j.value) OR EXISTS(SELECT 1 FROM file WHERE id = j.value)
  OR EXISTS(SELECT 1 FROM app_row WHERE id = j.value) OR EXISTS(SELECT 1 FROM tombstone WHERE id = j.value)`;

/**
 * Ids that no channel, item, file or tombstone has in SQL. SQL stays as it is until a batch is flushed, so that is
 * asked once for all the ids that a batch is about to give.
 */
export class AbsentIds {
  readonly #db: Database;
  readonly #ids = new Set<Id>();

  constructor(db: Database) {
    this.#db = db;
  }

  has(id: Id): boolean {
    return this.#ids.has(id);
  }

  look(ids: readonly Id[]): void {
    if (ids.length === 0) return;
    const present = statement<[string], { id: Id }>(this.#db, FIND).all(JSON.stringify(ids));
    const there = new Set(present.map(({ id }) => id));
    for (const id of ids) if (!there.has(id)) this.#ids.add(id);
  }
}
