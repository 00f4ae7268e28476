import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Database } from 'better-sqlite3';
import { statement } from '../database/statement.ts';
import type { Log } from '../deps.ts';
import type { CheckpointData, CheckpointReport } from './checkpoint-thread.ts';

/** Pages of the log from which on it is worth moving: few enough to be quick, enough to write each page once. */
const WORTH_IT = 4_000;

/**
 * Moves the write-ahead log into the database in a thread of its own, while the writer goes on: copying pages and
 * waiting for the disk took up to a third of the writer's time. Without it the writer's own bound holds
 * (`wal_autocheckpoint`), so that a log never grows for ever.
 */
export class Checkpointer {
  readonly #db: Database;
  readonly #worker: Worker;
  #busy = false;
  #ended = false;

  /** `db`: the connection that writes, whose file it is about. */
  constructor(db: Database, log: Log) {
    this.#db = db;
    const fromSource = import.meta.url.endsWith('.ts');
    const entry = new URL(`./checkpoint-thread.${fromSource ? 'ts' : 'js'}`, import.meta.url);
    const data: CheckpointData = { entry: entry.href, database: db.name };
    this.#worker = new Worker(fromSource ? new URL('./boot.mjs', import.meta.url) : entry, {
      workerData: data,
      resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 32 },
      ...(fromSource && { execArgv: ['--conditions=source'] }),
    });
    this.#worker.on('message', ({ error }: CheckpointReport) => {
      this.#busy = false;
      if (error !== undefined) log.warn({ error }, 'the write-ahead log could not be moved into the database');
    });
    // Then nothing more is asked of it.
    this.#worker.on('error', (error) => {
      this.#busy = true;
      this.#ended = true;
      log.error({ error: String(error) }, 'the checkpoint thread ended');
    });
  }

  /** Called after a commit. */
  nudge(): void {
    if (this.#busy) return;
    const size = statement<[], { log: number; checkpointed: number }>(this.#db, 'PRAGMA wal_checkpoint(NOOP)').get();
    if (size === undefined || size.log - size.checkpointed < WORTH_IT) return;
    this.#busy = true;
    this.#worker.postMessage('go');
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    const ended = once(this.#worker, 'exit');
    this.#worker.postMessage('close');
    await ended;
  }
}
