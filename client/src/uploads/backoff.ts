/** The first waiting time and the longest one, milliseconds. */
const FIRST = 1_000;
const LONGEST = 5 * 60_000;

/**
 * How long to wait before try number `attempts` + 1, milliseconds: doubling, with "full jitter" over the upper half so
 * that many clients which lost one server do not come back in step. `random` is in [0, 1).
 */
export function backoff(attempts: number, random: number): number {
  const ceiling = Math.min(LONGEST, FIRST * 2 ** Math.min(attempts, 20));
  return Math.round(ceiling * (0.5 + random / 2));
}
