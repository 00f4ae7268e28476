import type { ClientDeps } from './deps.ts';

/** What browsers and Node have alike. */
export function ambientDeps(): Pick<ClientDeps, 'clock' | 'timers' | 'random' | 'fetch'> {
  return {
    clock: { now: () => Date.now() },
    timers: {
      after(ms, callback) {
        const timer: unknown = setTimeout(callback, ms);
        // In Node a timer must not keep the process alive on its own.
        if (typeof timer === 'object' && timer !== null && 'unref' in timer) (timer as { unref(): void }).unref();
        return () => clearTimeout(timer as ReturnType<typeof setTimeout>);
      },
    },
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    fetch: (input, init) => fetch(input, init),
  };
}
