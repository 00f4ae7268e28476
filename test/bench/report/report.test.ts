import { expect, test } from 'vitest';
import { barPicture } from './bars.ts';
import { figureOf, textOf, textOfFigure } from './figure.ts';
import { exponentOf } from './fit.ts';
import { linePicture } from './lines.ts';
import { tableOf } from './report.ts';

const once = (value: number) => figureOf([value]);

test('a figure is the median with its spread, whatever the order of the runs', () => {
  expect(figureOf([9, 1, 5])).toEqual({ median: 5, low: 1, high: 9, runs: 3 });
  expect(figureOf([4, 1, 2, 9]).median).toBe(3);
  expect(() => figureOf([])).toThrow('a run at least');
});

test('a number is told by three digits that count', () => {
  expect([0, 0.012345, 1.2345, 45.678, 99_999, 1_234_567].map(textOf)).toEqual([
    '0',
    '0.0123',
    '1.23',
    '45.7',
    '100,000',
    '1,230,000',
  ]);
  expect(textOfFigure(figureOf([1, 2, 3]))).toBe('2 (1–3)');
  expect(textOfFigure(once(2))).toBe('2');
});

test('a table has the columns of its rows, numbers to the right', () => {
  expect(tableOf([{ what: 'a', time: once(1500) }])).toBe('| what | time |\n| --- | ---: |\n| a | 1,500 |');
});

test('the exponent of a power is found', () => {
  const sizes = [1e4, 1e5, 1e6];
  expect(exponentOf(sizes.map((x) => ({ x, y: 3 * x ** 1.1 })))).toBeCloseTo(1.1, 9);
  expect(exponentOf(sizes.map((x) => ({ x, y: 7 })))).toBeCloseTo(0, 9);
  expect(() => exponentOf([{ x: 1, y: 1 }])).toThrow('no exponent');
});

test('a bar is as long as its value, and text is escaped', () => {
  const bars = [10, 40].map((value, series) => ({ label: `<${value}>`, figure: once(value), series }));
  const picture = barPicture('A & B', 'per second', [{ name: 'all', bars }]);
  const widths = [...picture.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
  expect(widths).toHaveLength(2);
  expect((widths[1] as number) / (widths[0] as number)).toBeCloseTo(4, 1);
  expect(picture).toContain('A &amp; B');
  expect(picture).toContain('&lt;10&gt;');
  expect(picture).toContain('prefers-color-scheme: dark');
});

test('on a line by powers of ten, equal factors are equal ways', () => {
  const points = [1e4, 1e5, 1e6].map((x) => ({ x, y: x / 1e3 }));
  const picture = linePicture('t', 'u', [{ name: 'p', lines: [{ label: 'l', series: 0, points }] }]);
  const places = [...picture.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [
    Number(x),
    Number(y),
  ]);
  const [[x1, y1], [x2, y2], [x3, y3]] = places as [[number, number], [number, number], [number, number]];
  expect(x3 - x2).toBeCloseTo(x2 - x1, 0);
  expect(y3 - y2).toBeCloseTo(y2 - y1, 0);
  expect(y2).toBeLessThan(y1);
});

test('a value that cannot be drawn is told instead of left out', () => {
  const lines = [{ label: 'l', series: 0, points: [{ x: 1e4, y: Number.NaN }] }];
  expect(() => linePicture('t', 'u', [{ name: 'p', lines }])).toThrow('no place in a picture');
});
