import type { Database } from 'better-sqlite3';
import type { Id } from '@cambium/protocol';
import { statement } from '../database/statement.ts';
import type { ServerDeps } from '../deps.ts';
import { commit } from '../sync/commit.ts';
import { receive } from '../sync/receive.ts';
import { Work } from '../sync/work.ts';
import { runCommand, type CommandContext } from './command.ts';
import type { Job } from './job.ts';
import type { Committed } from './writer.ts';

const SAVE_TIME = `INSERT OR REPLACE INTO meta(key, value) VALUES('time', ?)`;

/**
 * Milliseconds after which a transaction takes one more change of each of its batches and answers that much. Some
 * changes cost a thousand times what others do, and nobody may keep everybody waiting with five thousand of them.
 */
const PATIENCE = 5_000;

/**
 * The jobs of one transaction. Batches and REST writes share one overlay of rows, so that a hundred small requests cost
 * little more than one large; a command reads and writes SQL itself, so what came before is written first.
 */
export class Shift {
  readonly #db: Database;
  readonly #deps: ServerDeps;
  readonly #heads = new Map<Id, number>();
  readonly #roles: Committed['roles'] = [];
  readonly #until: number;
  #work: Work | undefined;
  #time: number;

  constructor(db: Database, deps: ServerDeps, time: number) {
    this.#db = db;
    this.#deps = deps;
    this.#time = time;
    this.#until = deps.clock.now() + PATIENCE;
  }

  /** Time of the last change, milliseconds. */
  get time(): number {
    return this.#time;
  }

  /** Throws `Refusal` when the job is refused as a whole; then it left no trace. */
  take(job: Job, end?: number): unknown {
    if (job.kind === 'sync') return receive(this.#open(), job.user, job.body, { end, examined: job.examined });
    if (job.kind === 'commit') return commit(this.#open(), job.request);
    return this.#command(job.name, job.input);
  }

  /** Writes what is still in memory. */
  finish(): Committed {
    this.#close();
    if (this.#heads.size > 0) statement(this.#db, SAVE_TIME).run(String(this.#time));
    return {
      heads: [...this.#heads].map(([channel, server_rev]) => ({ channel, server_rev })),
      roles: this.#roles,
    };
  }

  #open(): Work {
    return (this.#work ??= new Work(this.#db, this.#deps.clock, this.#time, this.#until));
  }

  #close(): void {
    const work = this.#work;
    if (!work) return;
    work.flush();
    this.#time = work.time;
    for (const { channel, server_rev } of work.store.channels.heads()) this.#heads.set(channel, server_rev);
    this.#roles.push(...work.store.members.changes());
    this.#work = undefined;
  }

  #command(name: string, input: unknown): unknown {
    this.#close();
    const before = { heads: new Map(this.#heads), roles: this.#roles.length };
    this.#db.exec('SAVEPOINT command');
    try {
      const output = runCommand(this.#context(), name, input);
      this.#close();
      this.#db.exec('RELEASE command');
      return output;
    } catch (error) {
      this.#work = undefined;
      this.#heads.clear();
      for (const [channel, rev] of before.heads) this.#heads.set(channel, rev);
      this.#roles.length = before.roles;
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK TO command; RELEASE command');
      throw error;
    }
  }

  #context(): CommandContext {
    return {
      db: this.#db,
      deps: this.#deps,
      now: () => this.#open().now(),
      commit: (request) => {
        const result = commit(this.#open(), request);
        // The command may read what it just wrote.
        this.#close();
        return result;
      },
      announce: (role) => void this.#roles.push(role),
    };
  }
}
