import { Worker } from 'node:worker_threads';
import type { HashAnswer, HashJob } from './hash-thread.ts';
import type { Hashing } from './hasher.ts';
import type { Digest } from './notes.ts';

/** Bytes handed over at once. */
const BLOCK = 1_048_576;
/** Blocks that may be on their way to the threads; beyond it the sender waits. */
const BLOCKS = 16;

type Algorithm = keyof Digest;
const ALGORITHMS = ['sha256', 'md5'] as const satisfies readonly Algorithm[];

interface Waiting {
  digest: (hex: string) => void;
  fail: (error: Error) => void;
}

/**
 * One thread for each algorithm: the two hashes of a large upload are made beside each other and beside its receiving.
 * Started by the first large upload; they never keep the process alive.
 */
class HashThreads {
  readonly #workers = new Map<Algorithm, Worker>();
  readonly #waiting = new Map<Algorithm, Map<number, Waiting>>();
  /** Blocks that threads still read, by their number: what a thread sends back is another object on the same memory. */
  readonly #inUse = new Map<number, { memory: SharedArrayBuffer; readers: number }>();
  readonly #free: SharedArrayBuffer[] = [];
  #lastBlock = 0;
  #wake: (() => void)[] = [];
  #error: Error | null = null;
  #lastId = 0;

  constructor() {
    for (const algorithm of ALGORITHMS) this.#workers.set(algorithm, this.#start(algorithm));
  }

  get isBroken(): boolean {
    return this.#error !== null;
  }

  newId(): number {
    return (this.#lastId += 1);
  }

  /** Gives a block to all threads; it comes back when they have read it. */
  update(id: number, update: SharedArrayBuffer, length: number): void {
    const block = (this.#lastBlock += 1);
    this.#inUse.set(block, { memory: update, readers: ALGORITHMS.length });
    this.#post({ id, block, update, length });
  }

  async digest(id: number): Promise<Digest> {
    if (this.#error) throw this.#error;
    const ends = ALGORITHMS.map(
      (algorithm) =>
        new Promise<string>((digest, fail) => {
          this.#waiting.get(algorithm)?.set(id, { digest, fail });
        }),
    );
    this.#post({ id, digest: true });
    const [sha256 = '', md5 = ''] = await Promise.all(ends);
    return { sha256, md5 };
  }

  drop(id: number): void {
    this.#post({ id, drop: true });
  }

  #post(job: HashJob): void {
    for (const worker of this.#workers.values()) worker.postMessage(job);
  }

  /** A block to be filled; waits while too many are on their way. */
  async block(): Promise<SharedArrayBuffer> {
    for (;;) {
      if (this.#error) throw this.#error;
      const free = this.#free.pop();
      if (free) return free;
      if (this.#inUse.size < BLOCKS) return new SharedArrayBuffer(BLOCK);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  #start(algorithm: Algorithm): Worker {
    const fromSource = import.meta.url.endsWith('.ts');
    const file = new URL(fromSource ? './hash-boot.mjs' : './hash-thread.js', import.meta.url);
    const worker = new Worker(file, { workerData: { algorithm }, execArgv: [] });
    worker.unref();
    const waiting = new Map<number, Waiting>();
    this.#waiting.set(algorithm, waiting);
    worker.on('message', (answer: HashAnswer) => {
      if ('digest' in answer) {
        waiting.get(answer.id)?.digest(answer.digest);
        waiting.delete(answer.id);
      } else this.#used(answer.block);
    });
    worker.on('error', (error) => this.#break(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', (code) => this.#break(new Error(`a hashing thread ended with code ${code}`)));
    return worker;
  }

  #used(block: number): void {
    const use = this.#inUse.get(block);
    if (!use) throw new Error('a block came back twice');
    use.readers -= 1;
    if (use.readers > 0) return;
    this.#inUse.delete(block);
    this.#free.push(use.memory);
    this.#wakeAll();
  }

  #wakeAll(): void {
    const woken = this.#wake;
    this.#wake = [];
    for (const resolve of woken) resolve();
  }

  #break(error: Error): void {
    this.#error ??= error;
    for (const all of this.#waiting.values()) {
      for (const { fail } of all.values()) fail(error);
      all.clear();
    }
    for (const worker of this.#workers.values()) void worker.terminate();
    this.#wakeAll();
  }
}

let threads: HashThreads | null = null;

/** MD5 and SHA-256 of a large stream, made in other threads. `position` counts what was handed over. */
export class ThreadHasher implements Hashing {
  position = 0;
  readonly #threads: HashThreads;
  readonly #id: number;
  #block: SharedArrayBuffer | null = null;
  #filled = 0;

  constructor() {
    if (threads === null || threads.isBroken) threads = new HashThreads();
    this.#threads = threads;
    this.#id = this.#threads.newId();
  }

  async update(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.byteLength;) {
      const block = (this.#block ??= await this.#threads.block());
      const part = chunk.subarray(at, at + BLOCK - this.#filled);
      new Uint8Array(block).set(part, this.#filled);
      this.#filled += part.byteLength;
      at += part.byteLength;
      if (this.#filled === BLOCK) this.pause();
    }
    this.position += chunk.byteLength;
  }

  digest(): Promise<Digest> {
    this.pause();
    return this.#threads.digest(this.#id);
  }

  drop(): void {
    this.pause();
    this.#threads.drop(this.#id);
  }

  pause(): void {
    if (this.#block) this.#threads.update(this.#id, this.#block, this.#filled);
    this.#block = null;
    this.#filled = 0;
  }
}
