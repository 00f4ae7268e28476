import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Log } from '../deps.ts';
import type { Examined } from '../sync/examine.ts';

/** Bytes of a body from which on a second thread pays for the way there and back: some 30 changes. */
const WORTH_IT = 8_192;

/** Bodies that may wait for the thread, each once more in memory. It is faster than the writer: others need not wait. */
const MOST = 16;

/** MiB of young objects: a body and what it is parsed to. */
const YOUNG = 8;

/**
 * Examines the bodies of large batches in a thread of its own, while the writer applies those before them. Without an
 * answer of it the writer examines by itself, so nothing depends on the thread but speed.
 */
export class Examiner {
  readonly #worker: Worker;
  readonly #waiting: ((examined: Examined | null) => void)[] = [];
  #isDead = false;

  constructor(log: Log) {
    const fromSource = import.meta.url.endsWith('.ts');
    const entry = new URL(`./examine-thread.${fromSource ? 'ts' : 'js'}`, import.meta.url);
    this.#worker = new Worker(fromSource ? new URL('./boot.mjs', import.meta.url) : entry, {
      workerData: { entry: entry.href },
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
      ...(fromSource && { execArgv: ['--conditions=source'] }),
    });
    this.#worker.unref();
    this.#worker.on('message', (examined: Examined | null) => this.#waiting.shift()?.(examined));
    this.#worker.on('error', (error) => log.error({ error: String(error) }, 'the examining thread ended'));
    this.#worker.on('exit', () => {
      this.#isDead = true;
      for (const done of this.#waiting.splice(0)) done(null);
    });
  }

  /** Null when it is not worth it, or there is nothing to say. The bytes stay the caller's. */
  async examine(body: Uint8Array): Promise<Examined | null> {
    if (this.#isDead || body.byteLength < WORTH_IT || this.#waiting.length >= MOST) return null;
    return await new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#worker.postMessage(body);
    });
  }

  async close(): Promise<void> {
    if (this.#isDead) return;
    const ended = once(this.#worker, 'exit');
    this.#worker.postMessage('close');
    await ended;
  }
}
