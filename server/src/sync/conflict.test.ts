import { expect, test } from 'vitest';
import type { LogEntry } from '@cambium/protocol';
import { withTheirRevs } from './conflict.ts';

const conflicts = [{ path: 'description', base: 'a', theirs: 'b', yours: 'c' }];

/** The history of a row whose title changed again and again; its first entry made it. */
function history(length: number) {
  let reads = 0;
  return {
    reads: () => reads,
    read(_channel: string, rev: number) {
      reads += 1;
      const entry = rev === 1 ? { type: 'CREATED' } : { type: 'UPDATED', mods: { title: 'x' } };
      return { prev: rev - 1, entry: entry as unknown as LogEntry, length };
    },
  };
}

test('who wrote the value is looked for back to the entry that made the row', () => {
  expect(withTheirRevs(history(100), 'c', 900, conflicts)).toEqual([{ ...conflicts[0], theirs_rev: 1 }]);
});

test('a long history is read back a thousand entries, or some of them when they are large', () => {
  const [many, large] = [history(100), history(1_000_000)];
  for (const log of [many, large]) {
    expect(withTheirRevs(log, 'c', 5_000, conflicts)).toEqual([{ ...conflicts[0], theirs_rev: null }]);
  }
  expect(many.reads()).toBe(1_000);
  expect(large.reads()).toBe(5);
});
