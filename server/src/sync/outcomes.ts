import type { Database } from 'better-sqlite3';
import { LIMITS, protocolError, type Id } from '@cambium/protocol';
import { statement } from '../database/statement.ts';
import { OutcomeRun, runsOf, type Outcome, type RunRecord } from './outcomeRun.ts';

interface ClientRecord {
  pk: number;
  acked_rev: number;
  last_rev: number;
}

const CLIENT = `SELECT pk, acked_rev, last_rev FROM client WHERE user = ? AND client_id = ?`;
const ADD_CLIENT = `INSERT INTO client(user, client_id, seen) VALUES(?, ?, ?) RETURNING pk, acked_rev, last_rev`;
const UPDATE_CLIENT = `UPDATE client SET acked_rev = ?, last_rev = ?, seen = ? WHERE pk = ?`;
const ADD = `INSERT INTO outcome(client, first, last, digests, bodies) VALUES(?, ?, ?, ?, ?)`;
const RUN = `SELECT first, last, digests, bodies FROM outcome WHERE client = ? AND first <= ? ORDER BY first DESC LIMIT 1`;
/** A run is no longer than a request: with words before the first rev that is acknowledged anew there is one at most. */
const WORDY = `SELECT first, last, digests, bodies FROM outcome WHERE client = ? AND first > ? AND first <= ? AND last > ?
  AND bodies IS NOT NULL`;
const FORGET = `UPDATE outcome SET bodies = ? WHERE client = ? AND first = ?`;

/**
 * The memory of one client: what became of each of its revs. Nothing in it is ever forgotten but the words. What one
 * batch brings is a row for each run of revs without a gap, which for most batches is one.
 */
export class Outcomes {
  readonly #db: Database;
  readonly #client: ClientRecord | undefined;
  readonly #user: number;
  readonly #clientId: Id;
  readonly #new = new Map<number, Outcome>();
  /** The one that was read last: what is sent again was mostly sent together. */
  #run: OutcomeRun | undefined;

  constructor(db: Database, user: number, clientId: Id) {
    this.#db = db;
    this.#user = user;
    this.#clientId = clientId;
    this.#client = statement<[number, Id], ClientRecord>(db, CLIENT).get(user, clientId);
  }

  /** The highest rev that was ever seen of this client. */
  get lastRev(): number {
    let last = this.#client?.last_rev ?? 0;
    for (const rev of this.#new.keys()) if (rev > last) last = rev;
    return last;
  }

  hasSeen(rev: number): boolean {
    return rev === 0 || this.#find(rev) !== undefined;
  }

  /** The result to answer when the rev is known, or undefined when the change is new. */
  recall(rev: number, digest: string): string | undefined {
    const known = this.#find(rev);
    if (!known) return undefined;
    if (known.digest !== digest) return refusedText(rev, 'rejected', [protocolError('rev_reused')]);
    return known.body ?? `{"rev":${rev},"status":"acknowledged"}`;
  }

  keep(rev: number, digest: string, body: string): void {
    this.#new.set(rev, { digest, body });
  }

  /** Writes what is new; the words of outcomes up to `acked` go. */
  flush(acked: number, seen: string): void {
    if (!this.#client && this.#new.size === 0) return;
    const client = this.#client ?? this.#addClient(seen);
    for (const { first, last, digests, bodies } of runsOf(this.#new)) {
      statement(this.#db, ADD).run(client.pk, first, last, digests, bodies);
    }
    const acknowledged = Math.max(acked, client.acked_rev);
    statement(this.#db, UPDATE_CLIENT).run(acknowledged, this.lastRev, seen, client.pk);
    if (acknowledged > client.acked_rev) this.#forget(client, acknowledged);
  }

  #forget({ pk, acked_rev }: ClientRecord, acked: number): void {
    const wordy = statement<unknown[], RunRecord>(this.#db, WORDY);
    for (const record of wordy.all(pk, acked_rev - LIMITS.changes, acked, acked_rev)) {
      statement(this.#db, FORGET).run(new OutcomeRun(record).bodiesAfter(acked), pk, record.first);
    }
  }

  #addClient(seen: string): ClientRecord {
    return statement<unknown[], ClientRecord>(this.#db, ADD_CLIENT).get(
      this.#user,
      this.#clientId,
      seen,
    ) as ClientRecord;
  }

  #find(rev: number): Outcome | undefined {
    const fresh = this.#new.get(rev);
    if (fresh) return fresh;
    if (!this.#client || rev > this.#client.last_rev) return undefined;
    if (!this.#run?.has(rev)) {
      const record = statement<[number, number], RunRecord>(this.#db, RUN).get(this.#client.pk, rev);
      this.#run = record && new OutcomeRun(record);
    }
    return this.#run?.at(rev);
  }
}

export function refusedText(
  rev: number,
  status: 'rejected' | 'disallowed' | 'failed',
  errors: readonly object[],
): string {
  return `{"rev":${rev},"status":"${status}","errors":${JSON.stringify(errors)}}`;
}
