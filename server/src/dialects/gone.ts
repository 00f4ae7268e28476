import type { Response } from 'express';

/** Did the sender leave before the request was whole? Then what broke is nobody's fault, and nobody reads the answer. */
export function isGone({ req }: Response): boolean {
  return req.destroyed && !req.complete;
}
