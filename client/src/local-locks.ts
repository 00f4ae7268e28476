import type { Locks } from './deps.ts';

interface Holder {
  /** Settles when the lock is free again, by its holder's end or by theft. */
  freed: Promise<void>;
  steal: () => void;
}

/** What the Web Locks API does, inside one process. */
export function localLocks(): Locks {
  const holders = new Map<string, Holder>();

  async function hold<T>(
    name: string,
    options: { steal?: boolean; signal?: AbortSignal },
    held: () => Promise<T>,
  ): Promise<T> {
    if (options.steal === true) holders.get(name)?.steal();
    for (let holder = holders.get(name); holder; holder = holders.get(name)) await free(holder, options.signal);
    options.signal?.throwIfAborted();
    let release = (): void => undefined;
    let rob = (): void => undefined;
    const stolen = new Promise<never>((_, reject) => {
      rob = () => reject(new DOMException('the lock was stolen', 'AbortError'));
    });
    const freed = new Promise<void>((resolve) => {
      release = resolve;
    });
    const mine: Holder = { freed, steal: () => leave(rob) };
    const leave = (andThen?: () => void): void => {
      if (holders.get(name) === mine) holders.delete(name);
      release();
      andThen?.();
    };
    holders.set(name, mine);
    // Robbed after its own end, nobody waits for the rejection any more.
    stolen.catch(() => undefined);
    try {
      return await Promise.race([held(), stolen]);
    } finally {
      leave();
    }
  }
  return { hold };
}

async function free(holder: Holder, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return holder.freed;
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => reject(new DOMException('waiting was given up', 'AbortError'));
    signal.addEventListener('abort', stop, { once: true });
    void holder.freed.then(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
  });
}
