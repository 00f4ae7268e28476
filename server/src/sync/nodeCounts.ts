import type { Database } from 'better-sqlite3';
import type { Id } from '@cambium/protocol';
import { statement } from '../database/statement.ts';
import type { Journal } from '../tables/journal.ts';

const STORED = `SELECT total_count + 1 AS count FROM node WHERE id = ?`;

/** How many nodes each channel has within a batch: what SQL says, which stays as it is, and what was made since. */
export class NodeCounts {
  readonly #db: Database;
  readonly #journal: Journal;
  readonly #stored = new Map<Id, number>();
  readonly #change = new Map<Id, number>();
  /** All that were made, whatever became of them. */
  made = 0;

  constructor(db: Database, journal: Journal) {
    this.#db = db;
    this.#journal = journal;
  }

  of(channel: Id): number {
    let stored = this.#stored.get(channel);
    if (stored === undefined) {
      stored = statement<[Id], { count: number }>(this.#db, STORED).get(channel)?.count ?? 0;
      this.#stored.set(channel, stored);
    }
    return stored + (this.#change.get(channel) ?? 0);
  }

  add(channel: Id, count: number): void {
    if (count > 0) this.made += count;
    this.#change.set(channel, (this.#change.get(channel) ?? 0) + count);
    this.#journal.record(() => this.#change.set(channel, (this.#change.get(channel) as number) - count));
  }
}
