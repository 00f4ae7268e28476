import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const SHORT: Record<string, string> = { protocol: 'packages/protocol/src', tree: 'packages/tree/src' };

/** A line of SPEC.md: its number and the tests that hold it. */
const lines = readFileSync(join(root, 'SPEC.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\|\s*[A-Z]\d+\s*\|/.test(line))
  .map((line) => ({
    number: /^\|\s*([A-Z]\d+)\s*\|/.exec(line)?.[1] as string,
    tests: [...(line.split('|').at(-2) as string).matchAll(/`([^`]+)`/g)].map((match) => match[1] as string),
  }));

it('numbers each invariant once', () => {
  const numbers = lines.map(({ number }) => number);
  expect(numbers.length).toBeGreaterThan(50);
  expect(new Set(numbers).size).toBe(numbers.length);
});

it('names a test that exists for every invariant', () => {
  const missing = lines.flatMap(({ number, tests }) => {
    const paths = tests.map((test) => test.replace(/^(protocol|tree)\//, (_, name: string) => `${SHORT[name]}/`));
    if (paths.length === 0) return [`${number} names no test`];
    return paths.filter((path) => !existsSync(join(root, path))).map((path) => `${number} names ${path}`);
  });
  expect(missing).toEqual([]);
});
