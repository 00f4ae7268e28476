import type { ClientDeps } from '../deps.ts';

/** How often a waiting tab looks at what the holder does, milliseconds. */
const LOOK = 60_000;
/** Looks in a row without progress after which the holder counts as frozen: longer than any request may stall. */
const LOOKS = 4;

/**
 * Holds a lock while `held` runs. A holder whose `progress` stands still is taken for frozen, and robbed of the lock;
 * should it only have slept, its own try ends as one that was interrupted.
 */
export async function holdUnlessFrozen<T>(
  { locks, timers }: Pick<ClientDeps, 'locks' | 'timers'>,
  name: string,
  signal: AbortSignal,
  progress: () => Promise<string>,
  held: () => Promise<T>,
): Promise<T> {
  const waiting = new AbortController();
  const giveUp = (): void => waiting.abort(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  let isHeld = false;
  let isFrozen = false;
  let last: string | null = null;
  let looks = 0;
  let stop = (): void => undefined;
  const look = async (): Promise<void> => {
    const now = await progress();
    looks = now === last ? looks + 1 : 0;
    last = now;
    if (isHeld || signal.aborted) return;
    isFrozen = looks >= LOOKS;
    if (isFrozen) waiting.abort();
    else stop = timers.after(LOOK, () => void look());
  };
  const begin = (): Promise<T> => {
    isHeld = true;
    stop();
    return held();
  };
  stop = timers.after(LOOK, () => void look());
  try {
    if (signal.aborted) giveUp();
    return await locks.hold(name, { signal: waiting.signal }, begin);
  } catch (error) {
    if (!isFrozen || isHeld) throw error;
    return await locks.hold(name, { steal: true }, begin);
  } finally {
    stop();
    signal.removeEventListener('abort', giveUp);
  }
}
