import type { HashAnswer, HashJob } from './hash-thread.ts';
import type { Hashing } from './hasher.ts';
import { NO_DIGEST, type Digest } from './notes.ts';
import { Thread } from './thread.ts';

export type Algorithm = keyof Digest;

type HashThread = Thread<HashJob, HashAnswer>;

/**
 * One for each algorithm, for many streams beside each other: the hashes of a large upload are made beside each other
 * and beside its receiving. Started by the first that needs them.
 */
const threads = new Map<Algorithm, HashThread>();
let lastId = 0;

function threadOf(algorithm: Algorithm): HashThread {
  const found = threads.get(algorithm);
  if (found && !found.isBroken) return found;
  const file = new URL('./hash-thread.js', import.meta.url);
  const boot = new URL('./hash-boot.mjs', import.meta.url);
  const started: HashThread = new Thread(`hashing (${algorithm})`, { file, boot }, { algorithm });
  threads.set(algorithm, started);
  return started;
}

/** Hashes of a large stream, made in other threads: these algorithms alone, the other digests stay empty. */
export class ThreadHasher implements Hashing {
  position = 0;
  readonly #id = (lastId += 1);
  readonly #parts: { algorithm: Algorithm; thread: HashThread }[];

  constructor(algorithms: readonly Algorithm[] = ['sha256', 'md5']) {
    this.#parts = algorithms.map((algorithm) => ({ algorithm, thread: threadOf(algorithm) }));
  }

  /** What lies in shared memory is read from there; anything else is copied. */
  async update(bytes: Uint8Array): Promise<void> {
    this.position += bytes.byteLength;
    const isShared = bytes.buffer instanceof SharedArrayBuffer;
    // A view of other memory would be sent with all that it is a view of.
    const job = { id: this.#id, bytes: isShared ? bytes : bytes.slice() };
    await Promise.all(this.#parts.map(({ thread }) => thread.ask(job)));
  }

  async digest(): Promise<Digest> {
    const made = { ...NO_DIGEST };
    await Promise.all(
      this.#parts.map(async ({ algorithm, thread }) => {
        const answer = await thread.ask({ id: this.#id, digest: true });
        if ('digest' in answer) made[algorithm] = answer.digest;
      }),
    );
    return made;
  }

  drop(): void {
    for (const { thread } of this.#parts) thread.tell({ id: this.#id, drop: true });
  }
}
