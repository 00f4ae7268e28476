import type { FileHandle } from 'node:fs/promises';
import { BLOCK, blocks, fillBlock } from './blocks.ts';
import { isAligned, isUnsupported } from './direct.ts';
import type { Hashing } from './hasher.ts';

/** Blocks of one stream that are written and hashed at once; beyond it the sender waits. */
const DEPTH = 4;

export interface Draining {
  file: FileHandle;
  /** The same file past the page cache; null writes everything through it. */
  direct: FileHandle | null;
  hasher: Hashing | null;
  check: { update(chunk: Uint8Array): void } | null;
}

/** Where received bytes go: into a file and through hashers, several blocks at a time. */
export class Drain {
  readonly #to: Draining;
  readonly #running = new Set<Promise<void>>();
  #direct: FileHandle | null;

  constructor(to: Draining) {
    this.#to = to;
    this.#direct = to.direct;
  }

  /** Takes the bytes, at most a block, to `position`. They are the sender's again when it is done; they are written later. */
  async put(chunks: readonly Uint8Array[], position: number): Promise<void> {
    while (this.#running.size >= DEPTH) await Promise.race(this.#running);
    const block = await blocks.take();
    const work = this.#work(block, fillBlock(block, chunks), position);
    this.#running.add(work);
    // An error stays where it is found: in what still runs.
    work.then(
      () => this.#running.delete(work),
      () => undefined,
    );
  }

  /** Everything that was put is written and hashed; throws the first error of all that. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Nothing of it goes on any more, whatever became of it. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  async #work(block: Buffer, bytes: Uint8Array, position: number): Promise<void> {
    const { hasher, check } = this.#to;
    // In the order of the bytes: each hasher has been given these when the next ones come.
    const hashing = (async () => await hasher?.update(bytes))();
    check?.update(bytes);
    const ends = await Promise.allSettled([this.#write(bytes, position), hashing]);
    blocks.give(block);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  async #write(bytes: Uint8Array, position: number): Promise<void> {
    const { file } = this.#to;
    const direct = isAligned(position, bytes.byteLength) ? this.#direct : null;
    if (direct === null) {
      await writeAll(file, bytes, position);
      return;
    }
    try {
      await writeAll(direct, bytes, position);
    } catch (error) {
      // Some file systems open a file so and then refuse to write it.
      if (!isUnsupported(error)) throw error;
      this.#direct = null;
      await writeAll(file, bytes, position);
    }
  }
}

/** How many bytes from `position` on make a block that ends where direct writes may. */
export function roomAt(position: number): number {
  return BLOCK - (position % BLOCK);
}

/** A write may take less than it was given. */
async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.byteLength;) {
    const { bytesWritten } = await file.write(bytes, at, bytes.byteLength - at, position + at);
    if (bytesWritten === 0) throw new Error('the disk takes no more bytes');
    at += bytesWritten;
  }
}
