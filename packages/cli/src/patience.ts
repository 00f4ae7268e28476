import { setTimeout as wait } from 'node:timers/promises';
import { Refusal } from '@cambium/protocol';

/** How long a server may be away before a command gives up, in milliseconds. */
const PATIENCE = 120_000;
/** After this long, whoever waits is told what for, in milliseconds. */
const QUIET = 3_000;

/**
 * Tries again while the server is away or busy, with pauses that grow to two seconds, and says so. What the server
 * refuses is thrown at once, and so is what still fails after two minutes without any success.
 */
export async function persist<T>(attempt: () => Promise<T>): Promise<T> {
  const began = Date.now();
  let told = false;
  for (let pause = 50; ; pause = Math.min(pause * 2, 2000)) {
    try {
      return await attempt();
    } catch (error) {
      const passing = error instanceof Refusal ? error.status >= 500 : isAway(error);
      const waited = Date.now() - began;
      if (!passing || waited > PATIENCE) throw error;
      if (waited > QUIET && !told) {
        process.stderr.write(`cambium: the server does not answer, trying for ${PATIENCE / 60_000} minutes\n`);
        told = true;
      }
      await wait(pause);
    }
  }
}

/** Did the network fail, rather than the program? `fetch` tells so by a TypeError, the client by its own name. */
export function isAway(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  // A body that is cut off is `terminated`; other TypeErrors are faults of the program.
  if (error instanceof TypeError) return error.cause !== undefined || error.message === 'terminated';
  return error.name === 'Unreachable' || error.name === 'AbortError';
}
