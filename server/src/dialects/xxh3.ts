import { createReadStream } from 'node:fs';
import { createXXHash128, type IHasher } from 'hash-wasm';
import type { DialectDeps } from './deps.ts';

const CHUNK = 1_048_576;

/** A running XXH3-128; `digest()` gives 32 hex digits. */
export async function xxh3(): Promise<IHasher> {
  return (await createXXHash128()).init();
}

/** Finds the hashes of contents that came by other ways, one after the other, and keeps them for the next who asks. */
export class HashFinder {
  readonly #deps: DialectDeps;
  readonly #waiting = new Set<string>();
  #running: Promise<void> | null = null;

  constructor(deps: DialectDeps) {
    this.#deps = deps;
  }

  /** Says that the hash of these bytes was asked for and is not known. */
  want(sha256: string): void {
    this.#waiting.add(sha256);
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  /** Resolves when nothing is wanted any more. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** Wants nothing more; ends after the content that is being read. */
  async stop(): Promise<void> {
    this.#waiting.clear();
    await this.settled();
  }

  async #run(): Promise<void> {
    for (const sha256 of this.#waiting) {
      this.#waiting.delete(sha256);
      try {
        const hasher = await xxh3();
        const source = createReadStream(this.#deps.intake.path(sha256), { highWaterMark: CHUNK });
        for await (const chunk of source) hasher.update(chunk as Buffer);
        await this.#deps.command('facts.content', { sha256, xxh3: hasher.digest() });
      } catch (error) {
        // Bytes may go between the question and the reading.
        this.#deps.log.warn({ err: error, sha256 }, 'a content could not be hashed');
      }
    }
  }
}
