import type { Time } from './time.ts';

/**
 * Dexie signals its live queries through the global `setTimeout`. For the length of a run that one is virtual, too:
 * no delay means "when this turn is over", a delay means virtual time. Returns what puts the real one back.
 */
export function virtualTimeouts(time: Time): () => void {
  const { setTimeout: real } = globalThis;
  const fake = (callback: () => void, ms = 0) => {
    if (ms > 0) time.after(ms, callback);
    else setImmediate(callback);
    return 0;
  };
  globalThis.setTimeout = fake as unknown as typeof real;
  return () => {
    globalThis.setTimeout = real;
  };
}
