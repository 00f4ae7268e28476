import { describe, expect, test } from 'vitest';
import { MAX_JSON_DEPTH, type Json } from '../json.ts';
import { LIMITS } from '../limit.ts';
import { parseChange } from './change.ts';

const A = 'a'.repeat(32);
const B = 'b'.repeat(32);
const C = 'c'.repeat(32);
const common = { rev: 1, table: 'contentnode', key: A, channel_id: C };
const created = (obj: object, more: object = {}) => ({
  ...common,
  type: 'CREATED',
  obj: { parent: C, kind: 'topic', title: 't', ...obj },
  ...more,
});
const updated = (mods: unknown, more: object = {}) => ({ ...common, type: 'UPDATED', mods, ...more });
const moved = (more: object) => ({ ...common, type: 'MOVED', target: B, ...more });
const copied = (more: object) => ({ ...common, type: 'COPIED', target: B, from_key: C, ...more });
const item = (obj: object) => ({
  ...common,
  table: 'assessmentitem',
  type: 'CREATED',
  obj: { contentnode: B, ...obj },
});
const pair = (more: object) => ({
  ...common,
  table: 'contentnode_prerequisite',
  type: 'CREATED',
  key: [A, B],
  obj: {},
  ...more,
});
const without = (change: object, ...names: string[]) =>
  Object.fromEntries(Object.entries(change).filter(([name]) => !names.includes(name)));

function nested(depth: number): Json {
  let value: Json = 1;
  for (let i = 0; i < depth; i += 1) value = { a: value };
  return value;
}

type Case = [what: string, change: object, code: string, field: string];

const envelope: Case[] = [
  ...['type', 'table', 'key', 'channel_id', 'rev'].flatMap((name): Case[] => [
    [`no ${name}`, without(updated({}), name), 'missing_field', name],
    [`${name} null`, updated({}, { [name]: null }), 'missing_field', name],
  ]),
  ...[0, -1, 1.5, 'one', 1e300, [1]].map((rev): Case => [
    `rev ${JSON.stringify(rev)}`,
    updated({}, { rev }),
    'invalid_value',
    'rev',
  ]),
  ...[0, 7, 99, -1, 1.5, 'updated', '', {}, [2], 'constructor', '__proto__'].map((type): Case => [
    `type ${JSON.stringify(type)}`,
    updated({}, { type }),
    'unknown_type',
    'type',
  ]),
  ...['', '__proto__', 'constructor', 'user', 4, ['contentnode']].map((table): Case => [
    `table ${JSON.stringify(table)}`,
    updated({}, { table }),
    'unknown_table',
    'table',
  ]),
  ...['', 'a'.repeat(31), 'g'.repeat(32), `${'a'.repeat(31)}\0`, 12, { id: A }, [A, B]].map((key): Case => [
    `key ${JSON.stringify(key)}`,
    updated({}, { key }),
    'invalid_value',
    'key',
  ]),
  ['channel_id nonsense', updated({}, { channel_id: 'x' }), 'invalid_value', 'channel_id'],
  ...[5, {}, '', 'g'.repeat(201), 'a\0'].map((group): Case => [
    `group ${JSON.stringify(group).slice(0, 20)}`,
    updated({}, { group }),
    'invalid_value',
    'group',
  ]),
  ['PUBLISHED of a node', updated({}, { type: 'PUBLISHED' }), 'unknown_type', 'type'],
  ['MOVED of a channel', moved({ table: 'channel' }), 'unknown_type', 'type'],
  ['COPIED of a file', copied({ table: 'file' }), 'unknown_type', 'type'],
  ['UPDATED of a pair', pair({ type: 'UPDATED', mods: {} }), 'unknown_type', 'type'],
];

const places: Case[] = [
  ['no parent and no target', created({ parent: null }), 'missing_field', 'parent'],
  ['parent nonsense', created({ parent: 'root' }), 'invalid_value', 'parent'],
  [
    'inside another node than the parent',
    created({}, { target: B, position: 'first-child' }),
    'invalid_value',
    'parent',
  ],
  ['inside another node, position left out', created({}, { target: B }), 'invalid_value', 'parent'],
  ['no target', moved({ target: null }), 'missing_field', 'target'],
  ['target nonsense', moved({ target: 'x' }), 'invalid_value', 'target'],
  ...['middle', 'LEFT', '', 0, ['left'], {}, '__proto__'].map((position): Case => [
    `position ${JSON.stringify(position)}`,
    moved({ position }),
    'invalid_position',
    'position',
  ]),
  ['position of a new node', created({}, { position: 'inside' }), 'invalid_position', 'position'],
  ['parent of a move nonsense', moved({ position: 'left', parent: 1 }), 'invalid_value', 'parent'],
];

const contents: Case[] = [
  ['no obj', without(created({}), 'obj'), 'missing_field', 'obj'],
  ...[[1], 'topic', 1].map((obj): Case => [
    `obj ${JSON.stringify(obj)}`,
    { ...created({}), obj },
    'invalid_value',
    'obj',
  ]),
  ['no mods', without(updated({}), 'mods'), 'missing_field', 'mods'],
  ...[[1], 'title', 3].map((mods): Case => [`mods ${JSON.stringify(mods)}`, updated(mods), 'invalid_value', 'mods']),
  ['another id than the key', created({ id: B }), 'invalid_value', 'id'],
  ['no kind', created({ kind: null }), 'missing_field', 'kind'],
  ...['folder', 3, ['topic'], '__proto__'].map((kind): Case => [
    `kind ${JSON.stringify(kind)}`,
    created({ kind }),
    'invalid_value',
    'kind',
  ]),
  ...[
    'parent',
    'kind',
    'id',
    'node_id',
    'content_id',
    'published',
    'modified',
    'total_count',
    'error_count',
    'has_children',
    'original_channel_id',
    'source_node_id',
    'kind.x',
  ].map((name): Case => [`UPDATED ${name}`, updated({ title: 'half', [name]: A }), 'read_only_field', name]),
  ['a copy of another kind', copied({ mods: { kind: 'video' } }), 'read_only_field', 'kind'],
  ['a copy with mods that are a list', copied({ mods: [1] }), 'invalid_value', 'mods'],
  ['no source', copied({ from_key: null }), 'missing_field', 'from_key'],
  ['source nonsense', copied({ from_key: [A] }), 'invalid_value', 'from_key'],
  ...['all', 5, [5], [[]], [C], { [C]: true }].map((excluded_descendants): Case => [
    `excluded ${JSON.stringify(excluded_descendants)}`,
    copied({ excluded_descendants }),
    'invalid_value',
    'excluded_descendants',
  ]),
  ...['x', [1], 5].map((base): Case => [
    `base ${JSON.stringify(base)}`,
    updated({ title: 'b' }, { base }),
    'invalid_value',
    'base',
  ]),
];

const values: Case[] = [
  ...[5, {}, ['a'], true, 'x'.repeat(LIMITS.title + 1), 'a\0b', 'a\ud800b', '\udc00'].map((title): Case => [
    `title ${JSON.stringify(title).slice(0, 20)}`,
    updated({ title }),
    'invalid_value',
    'title',
  ]),
  ...['CC BY', 0, 10, 1.5, {}].map((license): Case => [
    `license ${JSON.stringify(license)}`,
    updated({ license }),
    'invalid_value',
    'license',
  ]),
  [
    'licence text too long',
    updated({ license_description: 'x'.repeat(LIMITS.licenseDescription + 1) }),
    'invalid_value',
    'license_description',
  ],
  ['language', updated({ language: 'not a language' }), 'invalid_value', 'language'],
  ['role_visibility', updated({ role_visibility: 'teacher' }), 'invalid_value', 'role_visibility'],
  ...['x', [1], 4, true].map((extra_fields): Case => [
    `extra_fields ${JSON.stringify(extra_fields)}`,
    updated({ extra_fields }),
    'invalid_value',
    'extra_fields',
  ]),
  ...[5, true, [1]].map((thumbnail_encoding): Case => [
    `thumbnail ${JSON.stringify(thumbnail_encoding)}`,
    updated({ thumbnail_encoding }),
    'invalid_value',
    'thumbnail_encoding',
  ]),
  ...['long', -5, 1.5, 2 ** 60].map((suggested_duration): Case => [
    `duration ${suggested_duration}`,
    updated({ suggested_duration }),
    'invalid_value',
    'suggested_duration',
  ]),
  ['complete', updated({ complete: 'yes' }), 'invalid_value', 'complete'],
  ...[['a'], 'a', 1].map((tags): Case => [`tags ${JSON.stringify(tags)}`, created({ tags }), 'invalid_value', 'tags']),
  ['a tag too long', updated({ [`tags.${'t'.repeat(31)}`]: true }), 'invalid_value', `tags.${'t'.repeat(31)}`],
  ['a tag too long in obj', created({ tags: { ['t'.repeat(31)]: true } }), 'invalid_value', `tags.${'t'.repeat(31)}`],
  ['an empty tag', updated({ 'tags.': true }), 'invalid_value', 'tags.'],
  [
    'a label too long',
    updated({ [`categories.${'l'.repeat(201)}`]: true }),
    'invalid_value',
    `categories.${'l'.repeat(201)}`,
  ],
  ['a label that is an object', updated({ 'grade_levels.x': { a: 1 } }), 'invalid_value', 'grade_levels.x'],
  ['a label with a lone surrogate', updated({ 'grade_levels.\ud800': true }), 'invalid_value', 'grade_levels.\ud800'],
  ['an empty path', updated({ '': 1 }), 'invalid_value', ''],
  ['a path of empty keys', updated({ '.': 1 }), 'invalid_value', '.'],
  ['a path that ends in a dot', updated({ 'extra_fields.': 1 }), 'invalid_value', 'extra_fields.'],
  ['a path through text', updated({ 'title.a.b': 1 }), 'invalid_value', 'title.a.b'],
  ['text deep inside', updated({ extra_fields: { a: [{ b: '\0' }] } }), 'invalid_value', 'extra_fields'],
  ['a key deep inside', updated({ 'extra_fields.a': { '\udfff': 1 } }), 'invalid_value', 'extra_fields.a'],
  ['a value too deep', updated({ extra_fields: nested(MAX_JSON_DEPTH + 1) }), 'invalid_value', 'extra_fields'],
  [
    'a value too deep together with its path',
    updated({ 'extra_fields.a.b': nested(MAX_JSON_DEPTH - 1) }),
    'invalid_value',
    'extra_fields.a.b',
  ],
  ['a value no recursion could walk', updated({ extra_fields: nested(50_000) }), 'invalid_value', 'extra_fields'],
  ['a number beyond all numbers', updated({ extra_fields: { a: Infinity } }), 'invalid_value', 'extra_fields'],
];

const others: Case[] = [
  ['a channel without a name', { ...common, table: 'channel', key: C, type: 1, obj: {} }, 'missing_field', 'name'],
  [
    'a channel in the log of another',
    { ...common, table: 'channel', type: 1, obj: { name: 'x' } },
    'invalid_value',
    'channel_id',
  ],
  [
    'a channel name that is no text',
    { ...common, table: 'channel', type: 2, mods: { name: {} } },
    'invalid_value',
    'name',
  ],
  [
    'a channel published by hand',
    { ...common, table: 'channel', type: 2, mods: { published: true } },
    'read_only_field',
    'published',
  ],
  ...[A, [A], [A, B, C], [A, 'x']].map((key): Case => [
    `pair ${JSON.stringify(key).slice(0, 9)}`,
    pair({ key }),
    'invalid_value',
    'key',
  ]),
  ['a pair with another key', pair({ obj: { target_node: B } }), 'invalid_value', 'target_node'],
  ['an item without a node', item({ contentnode: null }), 'missing_field', 'contentnode'],
  ['answers that are no list', item({ answers: {} }), 'invalid_value', 'answers'],
  ['answers in JSON that is no list', item({ answers: '{}' }), 'invalid_value', 'answers'],
  ['answers in no JSON', item({ answers: '[' }), 'invalid_value', 'answers'],
  ['a path into a list', { ...item({}), type: 2, mods: { 'answers.0': 1 } }, 'invalid_value', 'answers.0'],
  [
    'an item moved to another node',
    { ...item({}), type: 2, mods: { contentnode: C } },
    'read_only_field',
    'contentnode',
  ],
];

describe.each(Object.entries({ envelope, places, contents, values, others }))('%s', (_name, cases) => {
  test.each(cases)('%s', (_what, change, code, field) => {
    const parsed = parseChange(change);
    expect(parsed.ok ? parsed : parsed.errors.map((error) => [error.code, error.field])).toContainEqual([code, field]);
  });
});

test('values at their limits are allowed', () => {
  const mods = {
    title: 'x'.repeat(LIMITS.title),
    [`tags.${'t'.repeat(LIMITS.tag)}`]: true,
    [`categories.${'l'.repeat(LIMITS.label)}`]: true,
  };
  expect(
    parseChange(
      updated({ ...mods, extra_fields: nested(MAX_JSON_DEPTH), 'extra_fields.a.b': nested(MAX_JSON_DEPTH - 2) }),
    ).ok,
  ).toBe(true);
});

test('a refusal names every reason up to a bound', () => {
  const two = parseChange(updated({ title: 5, license: 99 }));
  expect(two.ok ? [] : two.errors.map((error) => error.field)).toEqual(['title', 'license']);
  const many = parseChange(updated(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`title.${i}`, 1]))));
  expect(many.ok ? [] : many.errors).toHaveLength(20);
});
