import { expect, test } from 'vitest';
import { TreeNode } from './node.ts';
import { randomOf } from './testing/database.ts';
import type { Token } from './token.ts';
import { spread } from './window.ts';

function tokens(length: number): Token[] {
  return Array.from({ length }, (_, i) => new TreeNode(i, '', 1, null, null, 0).open);
}

test('spread labels rise strictly and stay within the window, also where doubles have no fractions', () => {
  const random = randomOf(1);
  for (let round = 0; round < 2000; round += 1) {
    const [left, run, right] = [tokens(random(40)), tokens(1 + random(20)), tokens(random(40))];
    const all = [...left, ...run, ...right];
    const to = round % 2 ? 2 ** 53 - 1 : 2 ** 20;
    const from = to - all.length - random(2 * all.length);
    spread(left, run, right, { from, to });
    const labels = all.map((token) => token.label as number);
    const rises = labels.every((label, i) => Number.isInteger(label) && label > (labels[i - 1] ?? from - 1));
    expect({ rises, last: (labels.at(-1) as number) < to, from, to }).toEqual({ rises: true, last: true, from, to });
  }
});

test('the gap where tokens come in gets half of the slack', () => {
  const [left, run, right] = [tokens(100), tokens(1), tokens(100)];
  spread(left, run, right, { from: 1, to: 10_001 });
  const around = (right[0]?.label as number) - (left.at(-1)?.label as number);
  expect(around).toBeGreaterThan(4500);
  expect(around).toBeLessThan(5500);
});

test('a window without room is no window', () => {
  expect(() => spread(tokens(3), tokens(2), [], { from: 10, to: 14 })).toThrow('exhausted');
});
