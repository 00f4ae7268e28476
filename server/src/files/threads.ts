import { Worker } from 'node:worker_threads';
import type { HashAnswer, HashJob } from './hash-thread.ts';
import type { Hashing } from './hasher.ts';
import { NO_DIGEST, type Digest } from './notes.ts';

export type Algorithm = keyof Digest;

interface Waiting {
  done: (digest: string) => void;
  fail: (error: Error) => void;
}

/**
 * A thread that hashes many streams beside each other with one algorithm, so that the hashes of a large upload are made
 * beside each other and beside its receiving. It never keeps the process alive.
 */
class HashThread {
  readonly #worker: Worker;
  /** It answers in the order in which it is asked. */
  readonly #waiting: Waiting[] = [];
  #error: Error | null = null;
  #lastId = 0;

  constructor(algorithm: Algorithm) {
    const fromSource = import.meta.url.endsWith('.ts');
    const file = new URL(fromSource ? './hash-boot.mjs' : './hash-thread.js', import.meta.url);
    this.#worker = new Worker(file, { workerData: { algorithm }, execArgv: [] });
    this.#worker.unref();
    this.#worker.on('message', (answer: HashAnswer) => {
      this.#waiting.shift()?.done('digest' in answer ? answer.digest : '');
    });
    this.#worker.on('error', (error) => this.#break(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on('exit', (code) => this.#break(new Error(`a hashing thread ended with code ${code}`)));
  }

  get isBroken(): boolean {
    return this.#error !== null;
  }

  newId(): number {
    return (this.#lastId += 1);
  }

  /** Resolves when the bytes were read, or with the digest. */
  async ask(job: Exclude<HashJob, { drop: true }>): Promise<string> {
    if (this.#error) throw this.#error;
    return await new Promise((done, fail) => {
      this.#waiting.push({ done, fail });
      this.#worker.postMessage(job);
    });
  }

  drop(id: number): void {
    this.#worker.postMessage({ id, drop: true } satisfies HashJob);
  }

  #break(error: Error): void {
    this.#error ??= error;
    for (const { fail } of this.#waiting.splice(0)) fail(error);
    void this.#worker.terminate();
  }
}

/** Started by the first large upload that needs them. */
const threads = new Map<Algorithm, HashThread>();

function threadOf(algorithm: Algorithm): HashThread {
  const found = threads.get(algorithm);
  if (found && !found.isBroken) return found;
  const started = new HashThread(algorithm);
  threads.set(algorithm, started);
  return started;
}

/** Hashes of a large stream, made in other threads: these algorithms alone, the other digests stay empty. */
export class ThreadHasher implements Hashing {
  position = 0;
  readonly #parts: { algorithm: Algorithm; thread: HashThread; id: number }[];

  constructor(algorithms: readonly Algorithm[] = ['sha256', 'md5']) {
    this.#parts = algorithms.map((algorithm) => {
      const thread = threadOf(algorithm);
      return { algorithm, thread, id: thread.newId() };
    });
  }

  /** What lies in shared memory is read from there; anything else is copied. */
  async update(bytes: Uint8Array): Promise<void> {
    this.position += bytes.byteLength;
    const isShared = bytes.buffer instanceof SharedArrayBuffer;
    // A view of other memory would be sent with all that it is a view of.
    const sent = isShared ? bytes : bytes.slice();
    await Promise.all(this.#parts.map(({ thread, id }) => thread.ask({ id, bytes: sent })));
  }

  async digest(): Promise<Digest> {
    const made = await Promise.all(
      this.#parts.map(
        async ({ algorithm, thread, id }) => [algorithm, await thread.ask({ id, digest: true })] as const,
      ),
    );
    return { ...NO_DIGEST, ...(Object.fromEntries(made) as Partial<Digest>) };
  }

  drop(): void {
    for (const { thread, id } of this.#parts) thread.drop(id);
  }
}
