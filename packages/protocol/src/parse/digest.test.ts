import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changeDigestText } from './digest.ts';

const A = 'a'.repeat(32);
const B = 'b'.repeat(32);
const loud = (id: string) =>
  [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join('-').toUpperCase();

test('does not depend on rev, spelling or order', () => {
  const plain = {
    rev: 1,
    type: 'CREATED',
    table: 'contentnode',
    key: A,
    channel_id: B,
    target: A,
    from_key: B,
    parent: A,
    obj: { parent: B, title: 'x' },
  };
  const other = {
    obj: { title: 'x', parent: loud(B) },
    parent: loud(A),
    from_key: loud(B),
    target: loud(A),
    channel_id: loud(B),
    key: loud(A),
    table: 'contentnode',
    type: 1,
    rev: 9,
  };
  expect(changeDigestText(other)).toBe(changeDigestText(plain));
  expect(changeDigestText({ rev: 1, key: [loud(A), B] })).toBe(changeDigestText({ rev: 2, key: [A, loud(B)] }));
});

test('depends on everything else', () => {
  const change = { rev: 1, type: 'UPDATED', table: 'contentnode', key: A, channel_id: B, mods: { title: 'x' } };
  const texts = [
    change,
    { ...change, type: 'DELETED' },
    { ...change, key: B },
    { ...change, mods: { title: 'y' } },
    { ...change, mods: { title: loud(A) } },
    { ...change, mods: { title: A } },
    { ...change, group: 'g' },
    { ...change, unknown: 1 },
    JSON.parse(JSON.stringify({ ...change, x: 1 }).replace('"x"', '"__proto__"')) as object,
  ].map(changeDigestText);
  expect(new Set(texts).size).toBe(texts.length);
});

test('takes any object, and never changes it', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('rev', 'type', 'key', 'obj', 'parent', 'x'), fc.jsonValue()), (raw) => {
      const before = JSON.stringify(raw);
      expect(typeof changeDigestText(raw)).toBe('string');
      expect(JSON.stringify(raw)).toBe(before);
    }),
  );
});

test('survives nesting that no recursion would', () => {
  const raw = JSON.parse(`{"rev":1,"obj":{"parent":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`) as object;
  expect(changeDigestText(raw)).toHaveLength('{"obj":{"parent":}}'.length + 200_000);
});
