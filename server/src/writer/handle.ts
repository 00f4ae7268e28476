import { Worker } from 'node:worker_threads';
import { protocolError } from '@cambium/protocol';
import type { Log } from '../deps.ts';
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
 * MiB for objects of the writer that are young, more than V8 gives by itself. A batch lives until it is written, and a
 * collection in the middle of it copies all of it: this takes a fifth off the CPU of a change. More takes no more off.
 */
const YOUNG = 64;

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

/** Jobs to a worker and answers back. */
export class ThreadCarrier implements Carrier {
  readonly #worker: Worker;
  readonly #options: ThreadOptions;
  readonly #onCommitted: (committed: Committed) => void;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #last = 0;
  #ended: (() => void) | undefined;
  #isDead = false;

  constructor(worker: Worker, options: ThreadOptions, onCommitted: (committed: Committed) => void) {
    this.#worker = worker;
    this.#options = options;
    this.#onCommitted = onCommitted;
    worker.on('message', (message: FromThread) => this.#take(message));
    worker.on('error', (error) => this.#crash(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', (code) => {
      if (this.#ended) this.#ended();
      else this.#crash(new Error(`the writer thread ended with code ${code}`));
    });
  }

  send(job: Job): Promise<Answer> {
    if (this.#isDead) return Promise.resolve({ ok: false, error: protocolError('internal_error') });
    const id = (this.#last += 1);
    return new Promise((resolve) => {
      this.#post({ type: 'job', id, job });
      this.#waiting.set(id, resolve);
    });
  }

  close(): Promise<void> {
    if (this.#isDead) return Promise.resolve();
    return new Promise((resolve) => {
      this.#ended = resolve;
      this.#post({ type: 'close' });
    });
  }

  /** Bytes are handed over, not copied, when they fill their buffer: the sender has no more use for them. */
  #post(message: ToThread): void {
    if (message.type !== 'job' || message.job.kind !== 'sync') return this.#worker.postMessage(message);
    const { body } = message.job;
    const isWhole = body.byteOffset === 0 && body.byteLength === body.buffer.byteLength;
    const bytes = isWhole ? body : new Uint8Array(body);
    this.#worker.postMessage({ ...message, job: { ...message.job, body: bytes } }, [bytes.buffer as ArrayBuffer]);
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
