import { hash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { changeDigestText, protocolError, type Id } from '@cambium/protocol';
import { BulkInsert } from '../database/bulkInsert.ts';
import { statement } from '../database/statement.ts';

interface ClientRecord {
  pk: number;
  acked_rev: number;
  last_rev: number;
}

interface OutcomeRecord {
  digest: string;
  body: string | null;
}

const CLIENT = `SELECT pk, acked_rev, last_rev FROM client WHERE user = ? AND client_id = ?`;
const ADD_CLIENT = `INSERT INTO client(user, client_id, seen) VALUES(?, ?, ?) RETURNING pk, acked_rev, last_rev`;
const UPDATE_CLIENT = `UPDATE client SET acked_rev = ?, last_rev = ?, seen = ? WHERE pk = ?`;
const LOAD = `SELECT lower(hex(digest)) AS digest, body FROM outcome WHERE client = ? AND rev = ?`;
const FORGET = `UPDATE outcome SET body = NULL WHERE client = ? AND rev > ? AND rev <= ?`;

/**
 * What tells two changes under one rev apart: half a SHA-256 of what they say, in hex. As text, since a Buffer for each
 * change costs more than its hash.
 */
export function digestOf(raw: object): string {
  return hash('sha256', changeDigestText(raw), 'hex').slice(0, 32);
}

/** The memory of one client: what became of each of its revs. Nothing in it is ever forgotten but the words. */
export class Outcomes {
  readonly #db: Database;
  readonly #client: ClientRecord | undefined;
  readonly #user: number;
  readonly #clientId: Id;
  readonly #new = new Map<number, { digest: string; body: string }>();

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
    const insert = new BulkInsert(this.#db, 'outcome(client, rev, digest, body)', '(?, ?, unhex(?), ?)');
    for (const [rev, { digest, body }] of this.#new) insert.add(client.pk, rev, digest, body);
    insert.end();
    const acknowledged = Math.max(acked, client.acked_rev);
    statement(this.#db, UPDATE_CLIENT).run(acknowledged, this.lastRev, seen, client.pk);
    if (acknowledged > client.acked_rev) statement(this.#db, FORGET).run(client.pk, client.acked_rev, acknowledged);
  }

  #addClient(seen: string): ClientRecord {
    return statement<unknown[], ClientRecord>(this.#db, ADD_CLIENT).get(
      this.#user,
      this.#clientId,
      seen,
    ) as ClientRecord;
  }

  #find(rev: number): OutcomeRecord | undefined {
    const fresh = this.#new.get(rev);
    if (fresh) return fresh;
    if (!this.#client || rev > this.#client.last_rev) return undefined;
    return statement<[number, number], OutcomeRecord>(this.#db, LOAD).get(this.#client.pk, rev);
  }
}

export function refusedText(
  rev: number,
  status: 'rejected' | 'disallowed' | 'failed',
  errors: readonly object[],
): string {
  return `{"rev":${rev},"status":"${status}","errors":${JSON.stringify(errors)}}`;
}
