import { setTimeout as wait } from 'node:timers/promises';
import { Refusal } from '@cambium/protocol';

/** How long a server may be away before a command gives up, in milliseconds. */
const PATIENCE = 120_000;

/**
 * Tries again while the server is away or busy, with pauses that grow to two seconds. What the server refuses is
 * thrown at once, and so is what still fails after two minutes without any success.
 */
export async function persist<T>(attempt: () => Promise<T>): Promise<T> {
  const began = Date.now();
  for (let pause = 50; ; pause = Math.min(pause * 2, 2000)) {
    try {
      return await attempt();
    } catch (error) {
      const passing = error instanceof Refusal ? error.status >= 500 : error instanceof TypeError || isAway(error);
      if (!passing || Date.now() - began > PATIENCE) throw error;
      await wait(pause);
    }
  }
}

/** Did the network fail, rather than the program? `fetch` tells so by a TypeError with a cause, the client by its own name. */
function isAway(error: unknown): boolean {
  return error instanceof Error && (error.name === 'Unreachable' || error.name === 'AbortError');
}
