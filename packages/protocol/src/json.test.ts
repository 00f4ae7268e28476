import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasMoreKeys, canonicalJson, isEqualJson, isTooDeep, type Json } from './json.ts';

const json = fc.jsonValue({ maxDepth: 5 }) as fc.Arbitrary<Json>;

/** The same value with the keys of every object the other way round. */
function turned(value: Json): Json {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, turned(inner)]),
  );
}

function nested(depth: number): Json {
  let value: Json = 1;
  for (let i = 0; i < depth; i += 1) value = i % 2 ? [value] : { a: value };
  return value;
}

describe('canonicalJson', () => {
  test('says the same as the value', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(turned(value))).toBe(canonicalJson(value));
      }),
    );
  });

  test('is equal for equal values only', () => {
    const few = fc.oneof(
      fc.constantFrom<Json>({}, [], { a: 1 }, { a: '1' }, [1], { a: [] }, 1, '1', null, false),
      json,
    );
    fc.assert(
      fc.property(few, few, (a, b) => {
        const [first, second] = [a, b].map((value) => JSON.parse(JSON.stringify(value)) as Json);
        expect(canonicalJson(a) === canonicalJson(b)).toBe(isEqualJson(first, second));
      }),
    );
  });

  test('sorts keys and keeps a key named __proto__', () => {
    expect(canonicalJson(JSON.parse('{"b":[1,{"d":null,"c":2}],"__proto__":{"x":1},"a":"é"}') as Json)).toBe(
      '{"__proto__":{"x":1},"a":"é","b":[1,{"c":2,"d":null}]}',
    );
  });

  test('leaves undefined out as JSON does', () => {
    const value = { a: undefined, b: [undefined] } as unknown as Json;
    expect(canonicalJson(value)).toBe(JSON.stringify(value));
  });

  test('writes what no recursion could walk', () => {
    expect(canonicalJson(nested(100_000))).toHaveLength(50_000 * 2 + 50_000 * 6 + 1);
  });
});

test('isTooDeep counts levels without recursion', () => {
  expect(isTooDeep(nested(64))).toBe(false);
  expect(isTooDeep(nested(65))).toBe(true);
  expect(isTooDeep(nested(100_000))).toBe(true);
});

test('hasMoreKeys counts the keys of inner objects, and items of lists not', () => {
  const value = { a: 1, b: [1, 2, 3, { c: 1 }], d: { e: {} } };
  expect(hasMoreKeys(value, 5)).toBe(false);
  expect(hasMoreKeys(value, 4)).toBe(true);
});
