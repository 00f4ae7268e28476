import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseChange, type Parsed } from './change.ts';
import type { Change } from '../change.ts';
import { LIMITS } from '../limit.ts';

const A = 'a'.repeat(32);
const B = 'b'.repeat(32);
const C = 'c'.repeat(32);
const SHOUTED = 'CCCCCCCC-CCCC-CCCC-CCCC-CCCCCCCCCCCC';
const node = { rev: 1, table: 'contentnode', key: A, channel_id: C };

function accepted(raw: object): { change: Change; ignored: string[] } {
  const parsed = parseChange(raw);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed;
}
const objOf = (raw: object) => (accepted(raw).change as { obj: object }).obj;
const modsOf = (mods: object) => (accepted({ ...node, type: 'UPDATED', mods }).change as { mods: object }).mods;

describe('the envelope', () => {
  test.each([
    [1, 'CREATED', { obj: { parent: B, kind: 'topic' } }],
    [2, 'UPDATED', { mods: {} }],
    [3, 'DELETED', {}],
    [4, 'MOVED', { target: B }],
    [5, 'COPIED', { target: B, from_key: C }],
  ])("Studio's number %i is %s", (type, name, more) => {
    expect(accepted({ ...node, type, ...more }).change).toEqual(accepted({ ...node, type: name, ...more }).change);
  });

  test('6 is PUBLISHED, of a channel', () => {
    expect(accepted({ ...node, table: 'channel', type: 6 }).change.type).toBe('PUBLISHED');
  });

  test('ids are normalised wherever they stand', () => {
    const raw = {
      rev: 1,
      type: 'COPIED',
      table: 'contentnode',
      key: SHOUTED,
      channel_id: SHOUTED,
      from_key: B,
      target: SHOUTED,
    };
    expect(accepted({ ...raw, position: 'left', parent: SHOUTED, excluded_descendants: [SHOUTED] }).change).toEqual({
      ...raw,
      key: C,
      channel_id: C,
      target: C,
      position: 'left',
      parent: C,
      excluded_descendants: [C],
    });
    expect(
      objOf({ ...node, type: 1, obj: { id: A.toUpperCase(), parent: SHOUTED, kind: 'topic', content_id: SHOUTED } }),
    ).toEqual({
      parent: C,
      kind: 'topic',
      title: '',
      content_id: C,
    });
    const pair = { rev: 1, type: 'CREATED', table: 'contentnode_prerequisite', key: [A, SHOUTED], channel_id: C };
    expect(accepted(pair).change).toMatchObject({ key: [A, C], obj: { target_node: A, prerequisite: C } });
  });

  test('null and absent are the same', () => {
    const raw = { ...node, type: 'MOVED', target: B, position: null, parent: null, group: null };
    expect(accepted(raw)).toEqual({ ok: true, change: { ...node, type: 'MOVED', target: B }, ignored: [] });
  });

  test('what is no field is left out and named', () => {
    const raw = { ...node, type: 'UPDATED', mods: { title: 'x', colour: 'red', 'a.b': 1 }, session_key: 'x', obj: {} };
    expect(accepted(raw)).toEqual({
      ok: true,
      change: { ...node, type: 'UPDATED', mods: { title: 'x' } },
      ignored: ['colour', 'a.b', 'session_key', 'obj'],
    });
    expect(
      accepted({ ...node, type: 1, obj: { parent: B, kind: 'topic', total_count: 4, nonsense: 1 } }).ignored,
    ).toEqual(['total_count', 'nonsense']);
  });

  test('of a flood of what is no field only so much is named', () => {
    const mods = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`x${i}`, i]));
    expect(accepted({ ...node, type: 'UPDATED', mods }).ignored).toHaveLength(1000);
  });
});

describe('places', () => {
  const made = (more: object, obj: object = {}) =>
    accepted({ ...node, type: 1, ...more, obj: { kind: 'topic', title: 't', ...obj } }).change;

  test('a position without a target is relative to the parent', () => {
    expect(made({ position: 'first-child' }, { parent: B })).toMatchObject({ target: B, position: 'first-child' });
    const beside = made({ position: 'left' }, { parent: B });
    expect(beside).toMatchObject({ target: B, position: 'left' });
    expect(beside).not.toHaveProperty('obj.parent');
  });

  test('beside a target the parent says where the author saw it', () => {
    expect(made({ target: A, position: 'right' }, { parent: B })).toMatchObject({ target: A, obj: { parent: B } });
    expect(accepted({ ...node, type: 4, target: B, position: 'left', parent: C }).change).toMatchObject({ parent: C });
    expect(accepted({ ...node, type: 4, target: B, parent: C }).change).not.toHaveProperty('parent');
  });
});

describe('values', () => {
  test('labels and tags: everything after the first dot is one name', () => {
    expect(modsOf({ 'tags.a.b': true, 'tags.c': false, 'grade_levels.L1.2': null, 'categories.x': false })).toEqual({
      'tags.a.b': true,
      'tags.c': null,
      'grade_levels.L1.2': null,
      'categories.x': false,
    });
    expect(
      modsOf({ tags: { a: true, b: false, c: null }, learner_needs: { x: true, y: null }, categories: null }),
    ).toEqual({
      tags: { a: true },
      learner_needs: { x: true },
    });
  });

  test('null is the blank of a field that has one', () => {
    const nulls = {
      title: null,
      description: null,
      role_visibility: null,
      extra_fields: null,
      license: null,
      language: null,
      complete: null,
    };
    expect(modsOf({ ...nulls, thumbnail_encoding: null, suggested_duration: null })).toEqual({
      title: '',
      description: '',
      role_visibility: 'learner',
      extra_fields: {},
      license: null,
      language: null,
      complete: false,
      thumbnail_encoding: null,
      suggested_duration: null,
    });
  });

  test('a character is a code point', () => {
    expect(modsOf({ title: '😀'.repeat(LIMITS.title), [`tags.${'😀'.repeat(LIMITS.tag)}`]: true })).toBeDefined();
    expect(parseChange({ ...node, type: 2, mods: { title: '😀'.repeat(LIMITS.title + 1) } }).ok).toBe(false);
  });

  test('lists of an assessment item come as lists or as their JSON text', () => {
    const item = { rev: 1, type: 1, table: 'assessmentitem', key: A, channel_id: C };
    const answers = [{ answer: '1', correct: true }];
    expect(objOf({ ...item, obj: { contentnode: B, answers: JSON.stringify(answers), hints: '' } })).toEqual({
      contentnode: B,
      answers,
      hints: [],
    });
    expect(objOf({ ...item, obj: { contentnode: B, answers, hints: null } })).toEqual({
      contentnode: B,
      answers,
      hints: [],
    });
  });

  test('excluded descendants come as a list or as a map', () => {
    const copy = { ...node, type: 'COPIED', from_key: B, target: C };
    expect(accepted({ ...copy, excluded_descendants: [SHOUTED, C, A] }).change).toMatchObject({
      excluded_descendants: [C, A],
    });
    expect(accepted({ ...copy, excluded_descendants: { [SHOUTED]: true, [A]: false } }).change).toMatchObject({
      excluded_descendants: [C],
    });
  });

  test('base is kept for the paths of mods', () => {
    const raw = {
      ...node,
      type: 'UPDATED',
      mods: { title: 'x', nonsense: 1 },
      base: { title: 'o', description: 'd', nonsense: 2 },
    };
    expect(accepted(raw).change).toMatchObject({ base: { title: 'o' } });
    expect((accepted(raw).change as { base: object }).base).toEqual({ title: 'o' });
  });

  test('a key named __proto__ inside a value is data', () => {
    const value = JSON.parse('{"__proto__":{"x":1}}') as object;
    expect(JSON.stringify(modsOf({ extra_fields: value }))).toBe('{"extra_fields":{"__proto__":{"x":1}}}');
  });
});

describe('any input at all', () => {
  const id = fc.constantFrom(A, B, C, SHOUTED, 'x', 1, null);
  const anything = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    id,
    fc.constantFrom('title', 'left', 'topic', true, [A, B], { [A]: true }),
  );
  const name = fc.constantFrom(
    'title',
    'tags',
    'tags.x',
    'extra_fields',
    'extra_fields.a',
    'kind',
    'parent',
    'license',
    '__proto__',
    'a..b',
    'language',
    'name',
    'size',
    'checksum',
    'answers',
    'contentnode',
    'order',
  );
  const table = fc.constantFrom('channel', 'contentnode', 'contentnode_prerequisite', 'assessmentitem', 'file');
  const wild = {
    rev: fc.oneof(fc.constant(1), anything),
    type: fc.oneof(fc.integer({ min: 0, max: 7 }), anything),
    table: fc.oneof(table, anything),
    key: fc.oneof(id, fc.tuple(id, id), anything),
    channel_id: id,
    obj: fc.oneof(fc.dictionary(name, anything), anything),
    mods: fc.oneof(fc.dictionary(name, anything), anything),
    base: anything,
    target: id,
    position: fc.oneof(fc.constantFrom('left', 'first-child'), anything),
    parent: id,
    from_key: id,
    excluded_descendants: anything,
    group: anything,
  };
  const sane = fc.constantFrom<object>(
    { title: 'x', tags: { a: true, b: false }, license: 4, extra_fields: { a: [1] } },
    { 'tags.x': true, 'extra_fields.a.b': { c: 1 }, description: null, nonsense: 1 },
    { parent: SHOUTED, kind: 'video', name: 'C', thumbnail_encoding: 'x', categories: null },
    { contentnode: SHOUTED, answers: '[{"answer":1}]', hints: null, order: 3 },
    { size: 3, checksum: '0'.repeat(32), name: 'a.mp3', file_format: 'mp3', preset: 'audio', duration: 2.5 },
    {},
  );
  const tame = {
    ...wild,
    rev: fc.constant(1),
    type: fc.integer({ min: 1, max: 6 }),
    table,
    key: fc.constantFrom(A, SHOUTED, [A, SHOUTED]),
    channel_id: fc.constantFrom(A, SHOUTED),
    obj: sane,
    mods: sane,
    base: sane,
    position: fc.constantFrom('left', 'right', 'first-child', 'last-child', null),
    excluded_descendants: fc.constantFrom([A], { [A]: true }, null),
    group: fc.constantFrom('g', null),
  };
  const requiredKeys = ['rev', 'type', 'table', 'key', 'channel_id'] as const;
  const raw = fc.oneof(
    fc.record(wild, { requiredKeys: [...requiredKeys] }),
    fc.record(tame, { requiredKeys: [...requiredKeys] }),
  );

  test('is answered; what was accepted is accepted again and does not change', () => {
    let count = 0;
    fc.assert(
      fc.property(raw, (change) => {
        const parsed: Parsed<Change> = parseChange(change);
        if (!parsed.ok) return parsed.errors.length > 0;
        count += 1;
        expect(parseChange(parsed.change)).toEqual({ ...parsed, ignored: [] });
        return true;
      }),
      { numRuns: 3000 },
    );
    expect(count).toBeGreaterThan(100);
  });
});
