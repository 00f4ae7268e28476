import type { Database } from 'better-sqlite3';
import type { Id } from '@cambium/protocol';
import type { Clock } from '../deps.ts';
import type { Author } from '../tables/member.ts';
import { ChangeLog } from './log.ts';
import { BatchStore, type Mark } from './store.ts';

/** Characters of rows with which a transaction has enough to hold: in memory they take several times as many bytes. */
const HEAVY = 67_108_864;
/** Nodes that it has made with which it has enough. */
const MANY = 100_000;

interface WorkMark {
  store: Mark;
  log: number;
}

/** What one transaction has done so far: rows, log entries and the time of its last change. */
export class Work {
  readonly db: Database;
  readonly store: BatchStore;
  readonly log: ChangeLog;
  readonly #clock: Clock;
  readonly #until: number;
  #time: number;
  /** The text of `#time`: changes of one batch mostly share a millisecond. */
  #text = '';

  /**
   * `time`: milliseconds of the last change of the database; time never goes back behind it. `until`: when batches are
   * to be cut short, milliseconds.
   */
  constructor(db: Database, clock: Clock, time: number, until = Infinity) {
    this.db = db;
    this.store = new BatchStore(db);
    this.log = new ChangeLog(db, this.store);
    this.#clock = clock;
    this.#time = time;
    this.#until = until;
  }

  /** Others have waited long enough for this transaction, or it holds enough: it takes no more than it has to. */
  get isLate(): boolean {
    const { weight, made } = this.store;
    return this.#clock.now() >= this.#until || weight > HEAVY || made > MANY;
  }

  get time(): number {
    return this.#time;
  }

  /** The time of the next change, ISO 8601. */
  now(): string {
    const time = Math.max(this.#time, this.#clock.now());
    if (time !== this.#time || this.#text === '') {
      this.#time = time;
      this.#text = new Date(time).toISOString();
    }
    return this.#text;
  }

  mark(): WorkMark {
    return { store: this.store.mark(), log: this.log.mark() };
  }

  rollback(mark: WorkMark): void {
    this.store.rollback(mark.store);
    this.log.rollback(mark.log);
  }

  /** Writes rows and log to SQL. The work is over then. */
  flush(): void {
    this.store.flush();
    this.log.flush();
  }
}

/** Whose change it is, and under which of the author's own numbers; both null for REST and the server itself. */
export interface Sender {
  author: Author;
  authority: 'user' | 'system';
  client_id: Id | null;
  rev: number | null;
}
