import type { Response } from 'express';

/** Which bytes were stored (RFC 9530): a sender whose digest it is need not ask again. `sha256` in hex. */
export function tellStored(res: Response, sha256: string): void {
  res.setHeader('Repr-Digest', `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`);
}

/** How many members of a pack were refused; which, and why, is what its own URL answers. */
export function tellRefused(res: Response, count: number): void {
  res.setHeader('Cambium-Pack-Refused', String(count));
}
