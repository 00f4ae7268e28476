import { Worker } from 'node:worker_threads';
import { protocolError } from '@cambium/protocol';
import type { Log } from '../deps.ts';
import { Examiner } from './examiner.ts';
import type { Answer, Job } from './job.ts';
import type { FromThread, ThreadData, ToThread } from './message.ts';
import { QueuedWriter, type Carrier } from './queue.ts';
import type { Committed, Writer } from './writer.ts';

export interface ThreadOptions {
  /** Path of the migrated database file. */
  database: string;
  synchronous?: 'FULL' | 'NORMAL';
  /** URL of the module with the tables of the application, see `loadTables`. */
  tables?: string;
  log: Log;
  /** Called when the thread ends unasked. Without it the process ends: nothing could be written any more. */
  onCrash?: (error: Error) => void;
}

/**
 * MiB for objects of the writer that are young: a third is what it makes between two collections. A batch lives until it
 * is written, and a collection in the midst of it copies all of it: with half of this a change costs a quarter more.
 */
const YOUNG = 48;

/** Starts the writer thread; resolves when it takes jobs. */
export async function threadWriter(options: ThreadOptions): Promise<Writer> {
  const worker = startWorker(options);
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => {
      worker.off('error', reject);
      resolve();
    });
    worker.once('error', reject);
  });
  return new QueuedWriter((onCommitted) => new ThreadCarrier(worker, options, onCommitted));
}

function startWorker({ database, synchronous = 'FULL', tables }: ThreadOptions): Worker {
  const fromSource = import.meta.url.endsWith('.ts');
  const entry = new URL(fromSource ? './thread.ts' : './thread.js', import.meta.url);
  const data: ThreadData = { entry: entry.href, database, synchronous, tables: tables ?? null };
  const file = fromSource ? new URL('./boot.mjs', import.meta.url) : entry;
  // From source the packages beside this one are read as sources, too.
  return new Worker(file, {
    workerData: data,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
    // Otherwise the flags of the process are its flags too, such as those that profile it.
    ...(fromSource && { execArgv: ['--conditions=source'] }),
  });
}

type SyncJob = Extract<Job, { kind: 'sync' }>;

/** Jobs to a worker and answers back. */
export class ThreadCarrier implements Carrier {
  readonly #worker: Worker;
  readonly #options: ThreadOptions;
  readonly #onCommitted: (committed: Committed) => void;
  readonly #examiner: Examiner;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #last = 0;
  #ended: (() => void) | undefined;
  #isDead = false;

  constructor(worker: Worker, options: ThreadOptions, onCommitted: (committed: Committed) => void) {
    this.#worker = worker;
    this.#options = options;
    this.#onCommitted = onCommitted;
    this.#examiner = new Examiner(options.log);
    worker.on('message', (message: FromThread) => this.#take(message));
    worker.on('error', (error) => this.#crash(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', (code) => {
      if (this.#ended) this.#ended();
      else this.#crash(new Error(`the writer thread ended with code ${code}`));
    });
  }

  async send(job: Job): Promise<Answer> {
    const whole = job.kind === 'sync' ? await this.#examined(job) : job;
    if (this.#isDead) return { ok: false, error: protocolError('internal_error') };
    const id = (this.#last += 1);
    return await new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#post({ type: 'job', id, job: whole });
    });
  }

  async close(): Promise<void> {
    await this.#examiner.close();
    if (this.#isDead) return;
    await new Promise<void>((resolve) => {
      this.#ended = resolve;
      this.#post({ type: 'close' });
    });
  }

  /** Its bytes fill their buffer from here on: a view would be sent with all that it is a view of. */
  async #examined(job: SyncJob): Promise<SyncJob> {
    const { body } = job;
    const isWhole = body.byteOffset === 0 && body.byteLength === body.buffer.byteLength;
    const bytes = isWhole ? body : new Uint8Array(body);
    return { ...job, body: bytes, examined: await this.#examiner.examine(bytes) };
  }

  /** Bytes are handed over, not copied: the sender has no more use for them. */
  #post(message: ToThread): void {
    const transferred: ArrayBuffer[] = [];
    if (message.type === 'job' && message.job.kind === 'sync') {
      const { body, examined } = message.job;
      for (const bytes of [body, examined?.digests, examined?.plain]) {
        if (bytes) transferred.push(bytes.buffer as ArrayBuffer);
      }
    }
    this.#worker.postMessage(message, transferred);
  }

  #take(message: FromThread): void {
    if (message.type === 'log') this.#options.log[message.level](message.fields, message.message);
    else if (message.type === 'committed') {
      this.#onCommitted(message.committed);
      for (const [id, answer] of message.answers) {
        this.#waiting.get(id)?.(answer);
        this.#waiting.delete(id);
      }
    }
  }

  #crash(error: Error): void {
    if (this.#isDead) return;
    this.#isDead = true;
    for (const resolve of this.#waiting.values()) resolve({ ok: false, error: protocolError('internal_error') });
    this.#waiting.clear();
    this.#options.log.error({ error: error.stack ?? error.message }, 'the writer thread ended');
    if (this.#options.onCrash) this.#options.onCrash(error);
    else
      setImmediate(() => {
        throw error;
      });
  }
}
