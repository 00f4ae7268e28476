import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isEqualJson, type Json, type JsonObject } from './json.ts';
import { applyMods, getPath, LABEL_MAPS, setPath, splitPath } from './path.ts';

const key = fc.constantFrom('a', 'b', '1', '__proto__', 'constructor', 'toString');
const path = fc.oneof(
  fc.array(key, { minLength: 1, maxLength: 4 }).map((keys) => ['extra_fields', ...keys].join('.')),
  fc.array(key, { minLength: 1, maxLength: 3 }).map((keys) => ['grade_levels', ...keys].join('.')),
  fc.array(key, { minLength: 1, maxLength: 3 }).map((keys) => ['tags', ...keys].join('.')),
);
const value = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.dictionary(key, fc.integer(), { maxKeys: 3 }),
) as fc.Arbitrary<Json>;
const mods = fc.array(fc.tuple(path, value), { maxLength: 12 }).map((pairs) => Object.fromEntries(pairs));

/** Another way to the same end: strings of whole paths, no sharing, everything copied as JSON each time. */
function setPlainly(row: JsonObject, at: string, next: Json): JsonObject {
  const copy = JSON.parse(JSON.stringify(row)) as JsonObject;
  const keys = splitPath(at);
  const last = keys.pop() as string;
  const define = (object: JsonObject, name: string, inner: Json) =>
    Object.defineProperty(object, name, { value: inner, writable: true, enumerable: true, configurable: true });
  if (next === null && getPath(copy, at) === null) return copy;
  let object = copy;
  for (const name of keys) {
    const inner = Object.hasOwn(object, name) ? object[name] : undefined;
    const isObject = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
    if (!isObject) define(object, name, {});
    object = Object.getOwnPropertyDescriptor(object, name)?.value as JsonObject;
  }
  if (next === null) delete object[last];
  else define(object, last, next);
  return copy;
}

const blank = () => ({ extra_fields: {}, grade_levels: {}, tags: {} });

describe('splitPath', () => {
  test('splits at every dot, but in label maps and tags at the first one only', () => {
    expect(splitPath('title')).toEqual(['title']);
    expect(splitPath('extra_fields.options.modality')).toEqual(['extra_fields', 'options', 'modality']);
    for (const map of [...LABEL_MAPS, 'tags']) expect(splitPath(`${map}.L1.2`)).toEqual([map, 'L1.2']);
  });
});

describe('applyMods', () => {
  test('does what setting one path after the other does', () => {
    fc.assert(
      fc.property(mods, mods, (first, second) => {
        const row = { ...blank(), ...applyMods(blank(), first) };
        const wanted = Object.entries(second).reduce<JsonObject>((at, [p, v]) => setPlainly(at, p, v), row);
        const got = { ...row, ...applyMods(row, second) };
        expect(isEqualJson(got, wanted)).toBe(true);
      }),
    );
  });

  test('never changes the row or the mods, and never a prototype', () => {
    fc.assert(
      fc.property(mods, mods, (first, second) => {
        const row = { ...blank(), ...applyMods(blank(), first) };
        const before = JSON.stringify([row, second]);
        applyMods(row, second);
        expect(JSON.stringify([row, second])).toBe(before);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });

  test('what was set last is what is read', () => {
    fc.assert(
      fc.property(mods, path, value, (before, at, next) => {
        const row = { ...blank(), ...applyMods(blank(), before) };
        expect(isEqualJson(getPath({ ...row, ...applyMods(row, { [at]: next }) }, at), next)).toBe(true);
      }),
    );
  });

  test('a path and its own prefix apply in the order given', () => {
    const row = { extra_fields: { old: 1 } };
    expect(applyMods(row, { extra_fields: { a: 1 }, 'extra_fields.b': 2 })).toEqual({ extra_fields: { a: 1, b: 2 } });
    expect(applyMods(row, { 'extra_fields.b': 2, extra_fields: { a: 1 } })).toEqual({ extra_fields: { a: 1 } });
  });

  test('null unsets, silently where there is nothing', () => {
    const row = { extra_fields: { a: { b: 1 } }, grade_levels: { 'L1.2': true }, thumbnail_encoding: null };
    expect(applyMods(row, { 'extra_fields.a.b': null, 'extra_fields.x.y': null, 'grade_levels.L1.2': null })).toEqual({
      extra_fields: { a: {} },
      grade_levels: {},
    });
    expect(applyMods(row, { 'thumbnail_encoding.base64': null })).toEqual({ thumbnail_encoding: null });
    expect(applyMods(row, { grade_levels: null })).toEqual({ grade_levels: { 'L1.2': true } });
  });

  test('__proto__ is a key like any other', () => {
    const after = applyMods({ extra_fields: {} }, { 'extra_fields.__proto__.polluted': true });
    expect(JSON.stringify(after)).toBe('{"extra_fields":{"__proto__":{"polluted":true}}}');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('copies each object once, however many paths lead into it', () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`extra_fields.k${i}`, i]));
    expect(Object.keys(applyMods({ extra_fields: {} }, many).extra_fields as object)).toHaveLength(20_000);
  });
});

test('setPath makes the objects on the way, in place of what is none', () => {
  expect(setPath(undefined, 'extra_fields.a.b', 1)).toEqual({ a: { b: 1 } });
  expect(setPath({ a: 'text' }, 'extra_fields.a.b', 1)).toEqual({ a: { b: 1 } });
  expect(setPath('old', 'title', 'new')).toBe('new');
});
