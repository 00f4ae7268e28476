import type { ShownNode } from '@cambium/client';
import { expect, test } from 'vitest';

import { isWithin, zoneOf } from './drop.ts';
import type { OutlineRow } from './outline.ts';

const row = (id: string, level: number, kind = 'topic', open = false): OutlineRow => ({
  node: { id, kind } as ShownNode,
  level,
  index: 0,
  count: 1,
  open,
});

test('the edges of a row mean beside it, the middle of a topic means into it', () => {
  expect([0.1, 0.5, 0.9].map((part) => zoneOf(row('a', 1), part * 36, 36))).toEqual(['before', 'inside', 'after']);
  expect([0.1, 0.49, 0.9].map((part) => zoneOf(row('a', 1, 'video'), part * 36, 36))).toEqual([
    'before',
    'before',
    'after',
  ]);
});

test('below an open topic come its children, so its lower edge means into it', () => {
  expect(zoneOf(row('a', 1, 'topic', true), 34, 36)).toBe('inside');
});

test('a node is within itself and its ancestors, not within those before it', () => {
  const rows = [row('a', 1), row('b', 2), row('c', 3), row('d', 2), row('e', 1), row('f', 2)];
  const within = (id: string) => rows.flatMap((_row, at) => (isWithin(rows, at, id) ? [rows[at]?.node.id] : []));
  expect(within('a')).toEqual(['a', 'b', 'c', 'd']);
  expect(within('b')).toEqual(['b', 'c']);
  expect(within('c')).toEqual(['c']);
  expect(within('e')).toEqual(['e', 'f']);
});
