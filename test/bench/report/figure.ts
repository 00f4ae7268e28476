/** What several runs of one thing gave. */
export interface Figure {
  median: number;
  low: number;
  high: number;
  runs: number;
}

/** Throws for no values, which are no figure. */
export function figureOf(values: readonly number[]): Figure {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[0], sorted.at(-1)];
  const half = sorted.length / 2;
  const [left, right] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  if (low === undefined || high === undefined || left === undefined || right === undefined) {
    throw new Error('a figure needs a run at least');
  }
  return { median: (left + right) / 2, low, high, runs: values.length };
}

/** Three digits that count, thousands set apart. */
export function textOf(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: 0 });
}

/** The median, and the spread when there is one. */
export function textOfFigure({ median, low, high, runs }: Figure): string {
  return runs === 1 ? textOf(median) : `${textOf(median)} (${textOf(low)}–${textOf(high)})`;
}
