import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseChange, type Json } from '@cambium/protocol';
import { digestOf } from './digest.ts';
import { examinationOf, examine } from './examine.ts';
import type { Raw } from './incoming.ts';

const [A, B, DASHED] = ['a'.repeat(32), 'b'.repeat(32), 'CCCCCCCC-CCCC-CCCC-CCCC-CCCCCCCCCCCC'];
const id = fc.constantFrom<Json>(A, B, DASHED, 'x', null);
const fields = fc.dictionary(
  fc.constantFrom(
    'parent',
    'kind',
    'title',
    'tags',
    'tags.x',
    'license',
    'extra_fields',
    'id',
    'nonsense',
    '__proto__',
  ),
  fc.oneof(
    fc.constantFrom<Json>('topic', 'video', 'text', 1, { x: true }, { y: false }, null, A, DASHED),
    fc.jsonValue(),
  ),
);
const change = fc.record(
  {
    rev: fc.integer({ min: 1, max: 9 }),
    type: fc.constantFrom<Json>('CREATED', 'UPDATED', 'MOVED', 'COPIED', 'DELETED', 1, 4, 'NONSENSE'),
    table: fc.constantFrom('contentnode', 'contentnode', 'channel', 'file', 'nonsense'),
    key: id,
    channel_id: id,
    obj: fc.oneof(fc.constant({ parent: A, kind: 'topic', title: 'plain' }), fields),
    mods: fields,
    target: id,
    position: fc.constantFrom<Json>('left', 'last-child', 'nowhere', null),
    from_key: id,
    group: fc.constantFrom<Json>('g', null),
    more: fc.jsonValue(),
  },
  { requiredKeys: ['rev', 'type', 'table', 'key', 'channel_id'] },
);

function bodyOf(changes: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ client_id: A, protocol: 1, changes }));
}

/** As the writer sees them: parsed from the same bytes. */
function received(changes: unknown[]): Raw[] {
  return JSON.parse(JSON.stringify(changes)) as Raw[];
}

it('finds out beforehand exactly what the writer would find out itself', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 5 }), (changes) => {
      const raws = received(changes);
      const examination = examinationOf(raws, examine(bodyOf(changes)));
      raws.forEach((raw, index) => {
        expect(examination.digest(index)).toBe(digestOf(raw));
        expect(examination.parse(index)).toEqual(parseChange(raw));
      });
    }),
    { numRuns: 1_000 },
  );
});

it('spares the writer what a client sends in the plain form', () => {
  const plain = { rev: 1, type: 'CREATED', table: 'contentnode', key: A, channel_id: B };
  const changes = [
    { ...plain, obj: { parent: B, kind: 'topic', title: 'T' } },
    { ...plain, rev: 2, type: 'MOVED', target: B, position: 'last-child' },
    { ...plain, rev: 3, type: 1, obj: { parent: B, kind: 'topic', title: 'T' } },
  ];
  const examined = examine(bodyOf(changes));
  expect([...(examined?.plain ?? [])]).toEqual([1, 1, 0]);
  const raws = received(changes);
  expect(examinationOf(raws, examined).parse(1)).toMatchObject({ ok: true, change: raws[1] });
});

it.each<[string, Uint8Array]>([
  ['no JSON', new TextEncoder().encode('{')],
  ['no UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
  ['changes that are none', bodyOf([1])],
  ['no list of changes', bodyOf({})],
])('leaves %s to the writer', (_name, body) => expect(examine(body)).toBeNull());
