import { inspect } from 'node:util';
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

/** For the length of a run, rejections that nobody handled are told to `onRejection`. Returns what ends that. */
export function catchRejections(onRejection: (text: string) => void): () => void {
  const others = process.listeners('unhandledRejection');
  const own = (reason: unknown) => onRejection(inspect(reason, { depth: 4 }));
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', own);
  return () => {
    process.off('unhandledRejection', own);
    for (const other of others) process.on('unhandledRejection', other);
  };
}
