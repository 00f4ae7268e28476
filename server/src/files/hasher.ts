import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Id } from '@cambium/protocol';
import type { Digest } from './notes.ts';

/** Hashers kept between the requests of uploads; an older one is made again from the disk when it is needed. */
const KEPT = 256;

/** MD5 and SHA-256 of the first `position` bytes of something. */
export class Hasher {
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
}

/** Hashes the first `length` bytes of a file. */
export async function hashFile(path: string, length = Infinity): Promise<Hasher> {
  const hasher = new Hasher();
  if (length === 0) return hasher;
  const options = { highWaterMark: 1_048_576, ...(length === Infinity ? undefined : { end: length - 1 }) };
  for await (const chunk of createReadStream(path, options)) hasher.update(chunk as Buffer);
  return hasher;
}

/**
 * The hashers of uploads between their requests, so that resuming need not read everything again. Node cannot save a
 * hasher's state: after a restart, or when bytes were taken back, the stored prefix is read once more.
 */
export class Hashers {
  readonly #kept = new Map<Id, Hasher>();

  /** The hasher of an upload at this offset; it belongs to the caller until it is given back by `keep`. */
  async take(id: Id, offset: number, path: string): Promise<Hasher> {
    const kept = this.#kept.get(id);
    this.#kept.delete(id);
    return kept?.position === offset ? kept : await hashFile(path, offset);
  }

  keep(id: Id, hasher: Hasher): void {
    this.#kept.set(id, hasher);
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > KEPT && !oldest.done) this.#kept.delete(oldest.value);
  }

  drop(id: Id): void {
    this.#kept.delete(id);
  }
}
