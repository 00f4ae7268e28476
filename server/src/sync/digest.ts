import { hash } from 'node:crypto';
import { changeDigestText } from '@cambium/protocol';

/** Bytes of a digest. */
export const DIGEST_BYTES = 16;

/**
 * What tells two changes under one rev apart: half a SHA-256 of what they say, in hex. As text, since a Buffer for each
 * change costs more than its hash.
 */
export function digestOf(raw: object): string {
  return hash('sha256', changeDigestText(raw), 'hex').slice(0, 2 * DIGEST_BYTES);
}
