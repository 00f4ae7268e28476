import { expect, test } from 'vitest';
import { TreeNode } from './node.ts';
import { place } from './place.ts';

function run(length: number) {
  return Array.from({ length }, (_, i) => new TreeNode(i, '', 1, null, null, 0).open);
}

test.each([
  [1, 0, 2],
  [1, 10, 2 ** 53 - 1],
  [7, 0, 8],
  [8, 100, 110],
  [9, 1, 12],
  [1000, 0, 1001],
  [1000, 5, 2 ** 53 - 1],
  [5, 2 ** 53 - 20, 2 ** 53 - 10],
])('%i tokens between %i and %i get rising labels strictly between, from either side', (count, low, high) => {
  for (const side of ['left', 'right'] as const) {
    const tokens = run(count);
    place(tokens, low, high, side);
    const labels = [low, ...tokens.map((token) => token.label as number), high];
    for (const [i, label] of labels.entries()) {
      expect(Number.isSafeInteger(label)).toBe(true);
      if (i > 0) expect(label).toBeGreaterThan(labels[i - 1] as number);
    }
  }
});

test('one token leaves most of the gap where the next one comes', () => {
  const [left] = run(1);
  const [right] = run(1);
  if (!left || !right) throw new Error('no tokens');
  place([left], 0, 6400, 'left');
  place([right], 0, 6400, 'right');
  expect([left.label, right.label]).toEqual([100, 6300]);
});
