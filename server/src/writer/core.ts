import Sqlite, { type Database } from 'better-sqlite3';
import { Refusal, parseSyncRequest, protocolError } from '@cambium/protocol';
import type { ServerDeps } from '../deps.ts';
import { statement } from '../database/statement.ts';
import { parseJson } from '../sync/json.ts';
import { ChangeFault } from '../sync/receive.ts';
import type { Answer, CommitReport, Job } from './job.ts';
import { Shift } from './shift.ts';
import './commands.ts';

/** How far a job may run: undefined is to its end, a number to that change of its batch, `none` not at all. */
type Bound = number | 'none' | undefined;

/** A job made the server fail. */
class JobFault extends Error {
  readonly job: Job;
  readonly bound: number | 'none';

  constructor(job: Job, cause: unknown) {
    super('a job failed', { cause });
    this.job = job;
    this.bound = cause instanceof ChangeFault ? cause.index : 'none';
  }
}

/**
 * The writing side without threads: many jobs, one transaction, answers after the commit.
 *
 * A job that makes the server fail takes nothing with it: everything is rolled back, and all jobs run again with that
 * one cut off where it failed.
 */
export class WriterCore {
  readonly #db: Database;
  readonly #deps: ServerDeps;
  #time: number;

  /** `db`: the one connection that writes, migrated and with a `server_id`. */
  constructor(db: Database, deps: ServerDeps) {
    this.#db = db;
    this.#deps = deps;
    const saved = statement<[], { value: string }>(db, `SELECT value FROM meta WHERE key = 'time'`).get();
    this.#time = saved ? Number(saved.value) : 0;
  }

  run(jobs: readonly Job[]): CommitReport {
    const bounds = new Map<Job, Bound>();
    for (;;) {
      try {
        return this.#attempt(jobs, bounds);
      } catch (error) {
        if (isEnvironment(error)) return this.#fail(jobs, error);
        if (error instanceof JobFault) this.#bound(bounds, error.job, error.bound, error.cause);
        else if (jobs.length > 1) return this.#oneByOne(jobs);
        // Nothing was left in it that could have been at fault.
        else if (bounds.get(jobs[0] as Job) === 'none') return this.#fail(jobs, error);
        else this.#bound(bounds, jobs[0] as Job, this.#culprit(jobs[0] as Job), error);
      }
    }
  }

  /** Moves the write-ahead log into the database while nobody waits; readers are never disturbed. */
  checkpoint(): void {
    this.#db.pragma('wal_checkpoint(PASSIVE)');
  }

  #attempt(jobs: readonly Job[], bounds: Map<Job, Bound>): CommitReport {
    return this.#transaction((shift) => {
      const answers = jobs.map((job) => this.#answer(shift, job, bounds.get(job)));
      return { answers, committed: shift.finish() };
    });
  }

  #transaction<T>(run: (shift: Shift) => T): T {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const shift = new Shift(this.#db, this.#deps, this.#time);
      const result = run(shift);
      this.#db.exec('COMMIT');
      this.#time = shift.time;
      return result;
    } catch (error) {
      // Some errors (a full disk) end the transaction by themselves.
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  #answer(shift: Shift, job: Job, bound: Bound): Answer {
    if (bound === 'none') return { ok: false, error: protocolError('internal_error') };
    try {
      return { ok: true, value: shift.take(job, bound) };
    } catch (error) {
      if (error instanceof Refusal) return { ok: false, error: error.error };
      throw new JobFault(job, error);
    }
  }

  #bound(bounds: Map<Job, Bound>, job: Job, to: number | 'none', cause: unknown): void {
    const before = bounds.get(job);
    const narrower = to === 'none' || before === undefined || (before !== 'none' && to < before);
    bounds.set(job, narrower ? to : 'none');
    this.#deps.log.error({ kind: job.kind, change: to, error: describe(cause) }, 'a change made the writer fail');
  }

  /** What shows only when rows are written has no culprit yet: each job gets a transaction of its own. */
  #oneByOne(jobs: readonly Job[]): CommitReport {
    const reports = jobs.map((job) => this.run([job]));
    return {
      answers: reports.flatMap((report) => report.answers),
      committed: {
        heads: reports.flatMap((report) => report.committed.heads),
        roles: reports.flatMap((report) => report.committed.roles),
      },
    };
  }

  /** The first change with which a lone batch can't be written, found by halving; `none` for other jobs. */
  #culprit(job: Job): number | 'none' {
    if (job.kind !== 'sync') return 'none';
    let works = 0;
    let fails = parseSyncRequest(parseJson(job.body)).request.changes.length;
    while (fails - works > 1) {
      const middle = Math.floor((works + fails) / 2);
      if (this.#canWrite(job, middle)) works = middle;
      else fails = middle;
    }
    return fails - 1;
  }

  #canWrite(job: Job, changes: number): boolean {
    const rehearsal = new Error('rehearsal');
    try {
      return this.#transaction<boolean>((shift) => {
        shift.take(job, changes);
        shift.finish();
        throw rehearsal;
      });
    } catch (error) {
      return error === rehearsal;
    }
  }

  #fail(jobs: readonly Job[], error: unknown): CommitReport {
    this.#deps.log.error({ error: describe(error) }, 'the database cannot be written');
    const answer: Answer = { ok: false, error: protocolError('internal_error') };
    return { answers: jobs.map(() => answer), committed: { heads: [], roles: [] } };
  }
}

/** Errors of the machine, which no change is to blame for: a full or broken disk, a file that others lock. */
const ENVIRONMENT = /^SQLITE_(FULL|IOERR|READONLY|CORRUPT|NOTADB|BUSY|LOCKED|CANTOPEN|NOMEM|PERM|AUTH)/;

function isEnvironment(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof Sqlite.SqliteError && ENVIRONMENT.test(at.code)) return true;
  }
  return false;
}

function describe(error: unknown): string {
  let text = '';
  for (let at = error; at instanceof Error; at = at.cause) text += `${at.stack ?? at.message}\n`;
  return text || String(error);
}
