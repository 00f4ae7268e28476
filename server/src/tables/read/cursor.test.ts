import { Refusal } from '@cambium/protocol';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor, trailOf, type PageEnd } from './cursor.ts';

const id = (n: number) => n.toString(16).padStart(32, '0');

test.each<PageEnd>([
  { by: 'lft', trail: [id(1), id(2)] },
  { by: 'title', value: 'Ωmega "quoted"', id: id(3) },
  { by: 'license', value: null, id: id(4) },
  { by: 'total_count', value: 0, id: id(5) },
])('a cursor comes back as it was: %j', (end) => {
  expect(decodeCursor(encodeCursor(end), end.by)).toEqual(end);
});

test('what nobody made, or made for another ordering, is refused', () => {
  const texts = [
    '',
    'nonsense',
    '%%%',
    Buffer.from('null').toString('base64url'),
    Buffer.from('{"by":"lft","trail":[]}').toString('base64url'),
  ];
  for (const text of texts) expect(() => decodeCursor(text, 'lft')).toThrow(Refusal);
  expect(() => decodeCursor(encodeCursor({ by: 'title', value: 'a', id: id(1) }), 'kind')).toThrow(Refusal);
});

test('a trail starts at the last row, reaches back over the page, then over the pages before', () => {
  const page = Array.from({ length: 10 }, (_, n) => id(n));
  const trail = trailOf(page, { by: 'lft', trail: [id(100), id(101)] });
  expect(trail).toEqual([id(9), id(8), id(6), id(2), id(100), id(101)]);
});
