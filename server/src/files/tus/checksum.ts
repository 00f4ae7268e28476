import { createHash, type Hash } from 'node:crypto';
import { TusError } from './error.ts';

/** What Upload-Checksum may name; sha1 is the one that every server must know. */
export const ALGORITHMS = ['sha1', 'md5', 'sha256', 'sha512'] as const;
type Algorithm = (typeof ALGORITHMS)[number];

interface Announced {
  algorithm: Algorithm;
  digest: Buffer;
}

/** The checksum of one request's bytes. */
export class Checksum {
  readonly #announced: Announced | null;
  readonly #hashes: Map<Algorithm, Hash>;

  /** Null: it comes as a trailer after the bytes, and until then any algorithm may be meant. */
  constructor(announced: Announced | null) {
    this.#announced = announced;
    const algorithms = announced ? [announced.algorithm] : ALGORITHMS;
    this.#hashes = new Map(algorithms.map((algorithm) => [algorithm, createHash(algorithm)]));
  }

  update(chunk: Uint8Array): void {
    for (const hash of this.#hashes.values()) hash.update(chunk);
  }

  /** Are the bytes the announced ones? Ends the hashing. `trailer` is what followed the body. */
  isRight(trailer: string | undefined): boolean {
    const announced = this.#announced ?? (trailer === undefined ? null : parse(trailer));
    if (!announced) return false;
    return this.#hashes.get(announced.algorithm)?.digest().equals(announced.digest) ?? false;
  }
}

/** The checksum that a request bears, or announces as a trailer; null for none. Throws a 400 for one that cannot be checked. */
export function readChecksum(header: string | undefined, trailer: string | undefined): Checksum | null {
  if (header !== undefined) return new Checksum(parse(header));
  const isAnnounced = /(?:^|[\s,])upload-checksum(?:$|[\s,])/i.test(trailer ?? '');
  return isAnnounced ? new Checksum(null) : null;
}

function parse(value: string): Announced {
  const [name = '', text = '', ...more] = value.trim().split(' ');
  const algorithm = ALGORITHMS.find((known) => known === name);
  if (!algorithm) throw new TusError(400, 'invalid_value', `Upload-Checksum takes one of: ${ALGORITHMS.join(', ')}.`);
  const digest = Buffer.from(text, 'base64');
  const isWhole = digest.length === createHash(algorithm).digest().length;
  if (more.length > 0 || !isWhole || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    throw new TusError(400, 'invalid_value', 'Upload-Checksum must be an algorithm and a Base64 digest.');
  }
  return { algorithm, digest };
}
