import { createHash, type Hash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Id } from '@cambium/protocol';
import { blocks } from './blocks.ts';
import type { Digest } from './notes.ts';
import { ThreadHasher } from './threads.ts';

/** Hashers kept between the requests of uploads; an older one is made again from the disk when it is needed. */
const KEPT = 256;

/** MD5 and SHA-256 of the first `position` bytes of something. */
export interface Hashing {
  readonly position: number;
  /** The bytes may be used again when it is done; the next ones may be given before. */
  update(bytes: Uint8Array): void | Promise<void>;
  /** Ends the hasher. */
  digest(): Digest | Promise<Digest>;
  /** Ends it unasked; nothing happens when it has ended. */
  drop(): void;
}

/** From so many bytes on, hashing beside the receiving is worth the handing over. */
export const LARGE = 8_388_608;
/** From so many bytes on, an MD5 that nobody announced is made after the answer: it takes longer than all the rest. */
const LATER = 67_108_864;

/**
 * A hasher for something of this size; null is unknown. `checksum` is the MD5 that was announced: without one, that of
 * large bytes is left to `sums.ts`.
 */
export function newHasher(size: number | null, checksum: string | null): Hashing {
  if (size === null || size < LARGE) return new Hasher();
  return new ThreadHasher(checksum === null && size >= LATER ? ['sha256'] : ['sha256', 'md5']);
}

/** Hashes in this thread, at once. */
export class Hasher implements Hashing {
  position = 0;
  readonly #md5: Hash = createHash('md5');
  readonly #sha256: Hash = createHash('sha256');

  update(chunk: Uint8Array): void {
    this.#md5.update(chunk);
    this.#sha256.update(chunk);
    this.position += chunk.byteLength;
  }

  /** Ends the hasher. */
  digest(): Digest {
    return { md5: this.#md5.digest('hex'), sha256: this.#sha256.digest('hex') };
  }

  // Nothing is kept elsewhere.
  drop(): void {}
}

/** Hashes the first `length` bytes of a file, or what there is of them. An abort throws its reason. */
export async function hashFile<H extends Hashing>(
  path: string,
  hasher: H,
  length = Infinity,
  signal?: AbortSignal,
): Promise<H> {
  const file = await open(path, 'r');
  // Reads the next block beside the hashing of the one before.
  let hashing: Promise<void> = Promise.resolve();
  try {
    for (let at = 0; at < length;) {
      signal?.throwIfAborted();
      const block = await blocks.take();
      let read = 0;
      try {
        read = (await file.read(block, 0, Math.min(block.byteLength, length - at), at)).bytesRead;
        await hashing;
      } catch (error) {
        blocks.give(block);
        throw error;
      }
      hashing = hashBlock(hasher, block, read);
      if (read === 0) break;
      at += read;
    }
    await hashing;
  } finally {
    await Promise.allSettled([hashing]);
    await file.close();
  }
  return hasher;
}

async function hashBlock(hasher: Hashing, block: Buffer, length: number): Promise<void> {
  try {
    if (length > 0) await hasher.update(block.subarray(0, length));
  } finally {
    blocks.give(block);
  }
}

/**
 * The hashers of uploads between their requests, so that resuming need not read everything again. Node cannot save a
 * hasher's state: after a restart, or when bytes were taken back, the stored prefix is read once more.
 */
export class Hashers {
  readonly #kept = new Map<Id, Hashing>();

  /** The hasher of an upload at this offset; it belongs to the caller until it is given back by `keep`. */
  async take(id: Id, offset: number, path: string, make: () => Hashing): Promise<Hashing> {
    const kept = this.#kept.get(id);
    this.#kept.delete(id);
    if (kept?.position === offset) return kept;
    kept?.drop();
    return await hashFile(path, make(), offset);
  }

  keep(id: Id, hasher: Hashing): void {
    this.#kept.set(id, hasher);
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > KEPT && !oldest.done) this.drop(oldest.value);
  }

  drop(id: Id): void {
    this.#kept.get(id)?.drop();
    this.#kept.delete(id);
  }
}
