import type { Token } from './token.ts';

/** How much of a gap a few new tokens may use up: its 64th part, so that the next ones find room at the same place. */
const SHARE = 64;

/**
 * Labels a run within the gap between two labels, which has room for it. An append stays close to its left neighbour
 * and a prepend close to its right one: the large rest of the gap then lies where the next one comes.
 */
export function place(run: readonly Token[], low: number, high: number, side: 'left' | 'right'): void {
  const count = run.length;
  const gap = high - low;
  const share = Math.floor(gap / SHARE / Math.max(1, count / 4));
  const even = Math.floor((gap - 1) / count);
  const step = Math.max(1, Math.min(Math.floor(gap / (count + 1)), share, even));
  let label = side === 'left' ? low : high - step * (count + 1);
  for (const token of run) {
    label += step;
    token.label = label;
  }
}
