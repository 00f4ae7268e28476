/** The first waiting time after a line broke, the first one that doubles, and the longest one, milliseconds. */
export const AT_ONCE = 100;
const FIRST = 1_000;
const LONGEST = 5 * 60_000;

/**
 * How long to wait before the next try when `attempts` (1 or more) have failed since the last progress, milliseconds. A
 * line that broke in the midst of sending is most often there again at once; after that it doubles. With "full jitter"
 * over the upper half, so that many clients which lost one server do not come back in step. `random` is in [0, 1).
 */
export function backoff(attempts: number, random: number): number {
  const ceiling = attempts <= 1 ? AT_ONCE : Math.min(LONGEST, FIRST * 2 ** Math.min(attempts - 1, 20));
  return Math.round(ceiling * (0.5 + random / 2));
}
