import type { Request } from 'express';
import { TusError } from './error.ts';

/**
 * The bytes of a request, until they end or `signal` says that somebody else waits: then what came is all there is, and
 * the connection stays alive for the answer. Throws when the connection breaks.
 */
export async function* bodyOf(req: Request, signal: AbortSignal): AsyncGenerator<Buffer> {
  let wake: () => void = () => undefined;
  const onWake = () => wake();
  const events = ['readable', 'end', 'close', 'error'] as const;
  for (const event of events) req.on(event, onWake);
  signal.addEventListener('abort', onWake);
  try {
    while (!signal.aborted) {
      const chunk = req.read() as Buffer | null;
      if (chunk !== null) yield chunk;
      else if (req.readableEnded) return;
      else if (req.destroyed) throw new TusError(400, 'invalid_value', 'The request was broken off.');
      // A waiter that is never woken would be forgotten for ever; one that is woken in vain looks again.
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    for (const event of events) req.off(event, onWake);
    signal.removeEventListener('abort', onWake);
  }
}
