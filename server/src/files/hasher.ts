import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Id } from '@cambium/protocol';
import type { Digest } from './notes.ts';
import { ThreadHasher } from './threads.ts';

/** Hashers kept between the requests of uploads; an older one is made again from the disk when it is needed. */
const KEPT = 256;

/** MD5 and SHA-256 of the first `position` bytes of something. */
export interface Hashing {
  readonly position: number;
  /** The bytes may be used again when it is done. */
  update(chunk: Uint8Array): void | Promise<void>;
  /** No more comes for a while: what it holds is worked off. */
  pause(): void;
  /** Ends the hasher. */
  digest(): Digest | Promise<Digest>;
  /** Ends it unasked. */
  drop(): void;
}

/** From so many bytes on, hashing beside the receiving is worth the handing over. */
const LARGE = 8_388_608;

/** A hasher for something of this size; null is unknown. */
export function newHasher(size: number | null): Hashing {
  return size === null || size < LARGE ? new Hasher() : new ThreadHasher();
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

  // Nothing is held back, nor elsewhere.
  pause(): void {}
  drop(): void {}
}

/** Hashes the first `length` bytes of a file. */
export async function hashFile<H extends Hashing>(path: string, hasher: H, length = Infinity): Promise<H> {
  if (length === 0) return hasher;
  const options = { highWaterMark: 1_048_576, ...(length === Infinity ? undefined : { end: length - 1 }) };
  for await (const chunk of createReadStream(path, options)) await hasher.update(chunk as Buffer);
  return hasher;
}

/**
 * The hashers of uploads between their requests, so that resuming need not read everything again. Node cannot save a
 * hasher's state: after a restart, or when bytes were taken back, the stored prefix is read once more.
 */
export class Hashers {
  readonly #kept = new Map<Id, Hashing>();

  /** The hasher of an upload at this offset; it belongs to the caller until it is given back by `keep`. */
  async take(id: Id, offset: number, path: string, size: number | null): Promise<Hashing> {
    const kept = this.#kept.get(id);
    this.#kept.delete(id);
    if (kept?.position === offset) return kept;
    kept?.drop();
    return await hashFile(path, newHasher(size), offset);
  }

  keep(id: Id, hasher: Hashing): void {
    hasher.pause();
    this.#kept.set(id, hasher);
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > KEPT && !oldest.done) this.drop(oldest.value);
  }

  drop(id: Id): void {
    this.#kept.get(id)?.drop();
    this.#kept.delete(id);
  }
}
