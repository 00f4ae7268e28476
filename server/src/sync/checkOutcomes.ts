import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { ChangeResult, Id, LogEntry } from '@cambium/protocol';
import { statement } from '../database/statement.ts';
import { Findings } from './findings.ts';
import { OutcomeRun, type RunRecord } from './outcomeRun.ts';

/** Rows read at a time; one holds the outcomes of a whole batch. */
const PAGE = 50;

type Stored = RunRecord & { client: number };

const BY_ENTRY = `SELECT o.* FROM outcome o JOIN client c ON c.pk = o.client JOIN user u ON u.pk = c.user
  WHERE u.id = ? AND c.client_id = ? AND o.first <= ? ORDER BY o.first DESC LIMIT 1`;
const PAGE_OF = `SELECT * FROM outcome WHERE (client, first) > (?, ?) ORDER BY client, first LIMIT ${PAGE}`;
const CLIENT = `SELECT client_id, last_rev FROM client WHERE pk = ?`;
/** Below a checkpoint a log no longer says what an outcome is about. */
const CHECKPOINT = `SELECT max(checkpoint) AS rev FROM channel`;

/** Outcomes against the log, in both directions: what was sent is in the log once, and an outcome says where. */
export class OutcomeCheck {
  readonly #db: Database;
  /** Revs that entries were found for, by `client.pk`. */
  readonly #logged = new Map<number, Set<number>>();
  /** The runs that were read last, by user and client: entries mostly come in the order of what was sent. */
  readonly #runs = new Map<string, { client: number; run: OutcomeRun }>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** An entry of a client needs its outcome, and each outcome has one entry at most. */
  take({ server_rev, user_id, client_id, rev }: LogEntry, findings: Findings): void {
    if (client_id === null || rev === null) return;
    const name = `client ${client_id} rev ${rev}`;
    const found = this.#find(user_id, client_id, rev);
    if (!found) {
      findings.add(`rev ${server_rev} is ${name}, of which no outcome is known`);
      return;
    }
    const { client, body } = found;
    const revs = this.#logged.get(client) ?? new Set();
    this.#logged.set(client, revs);
    if (revs.has(rev)) findings.add(`rev ${server_rev} is ${name}, which was applied before`);
    revs.add(rev);
    const result = body === null ? null : parse(body);
    // What cannot be read is found when the outcomes themselves are gone through.
    if (result === undefined || result === null) return;
    if (result.status !== 'applied') findings.add(`rev ${server_rev} is ${name}, which was answered ${result.status}`);
    else if (result.server_rev !== server_rev) {
      findings.add(`rev ${server_rev} is ${name}, which was answered ${result.server_rev}`);
    }
  }

  /** Outcomes that are wrong by themselves, or of which the log knows nothing; to be asked after all entries. */
  async rest(): Promise<string[]> {
    const findings = new Findings('outcome');
    const cut = statement<[], { rev: number | null }>(this.#db, CHECKPOINT).get()?.rev ?? 0;
    const read = statement<[number, number], Stored>(this.#db, PAGE_OF);
    for (let at = { client: 0, first: 0 }; ;) {
      const page = read.all(at.client, at.first);
      for (const record of page) this.#judgeRun(record, cut, findings);
      if (page.length < PAGE) return findings.list();
      at = page.at(-1) as Stored;
      await setImmediate();
    }
  }

  #find(user: Id | null, clientId: Id, rev: number): { client: number; body: string | null } | undefined {
    const name = `${user} ${clientId}`;
    let known = this.#runs.get(name);
    if (!known?.run.has(rev)) {
      const record = statement<unknown[], Stored>(this.#db, BY_ENTRY).get(user, clientId, rev);
      if (!record) return undefined;
      this.#runs.set(name, (known = { client: record.client, run: new OutcomeRun(record) }));
    }
    const outcome = known.run.at(rev);
    return outcome && { client: known.client, body: outcome.body };
  }

  #judgeRun(record: Stored, cut: number, findings: Findings): void {
    const run = new OutcomeRun(record);
    for (const rev of run.revs()) this.#judge(record.client, rev, run.at(rev)?.body ?? null, cut, findings);
  }

  #judge(client: number, rev: number, body: string | null, cut: number, findings: Findings): void {
    const owner = statement<[number], { client_id: Id; last_rev: number }>(this.#db, CLIENT).get(client);
    const name = `client ${owner?.client_id ?? client} rev ${rev}`;
    if (!owner) findings.add(`${name} belongs to no client`);
    else if (rev > owner.last_rev) findings.add(`${name} lies beyond the client's last rev ${owner.last_rev}`);
    if (body === null) return;
    const result = parse(body);
    if (result === undefined || result.rev !== rev) findings.add(`${name} cannot be read`);
    else if (result.status === 'applied' && result.server_rev > cut && !this.#logged.get(client)?.has(rev)) {
      findings.add(`${name} was answered applied at ${result.server_rev}, where the log has another entry or none`);
    }
  }
}

function parse(body: string): ChangeResult | undefined {
  try {
    return JSON.parse(body) as ChangeResult;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
