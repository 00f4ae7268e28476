import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { BLANK_ITEM, BLANK_NODE } from '../blank.ts';
import type { Json } from '../json.ts';
import { LIMITS } from '../limit.ts';
import type { ItemRow, NodeRow } from '../row.ts';
import type { Kind } from '../vocabulary/kind.ts';
import { validateNode, validateRow } from './row.ts';
import { isLargerThan } from './size.ts';

const id = 'a'.repeat(32);
function node(more: Partial<NodeRow>): NodeRow {
  const own = { id, channel_id: id, parent_id: id, node_id: id, content_id: id, modified: '', title: '' };
  return { ...BLANK_NODE, ...own, complete: false, changed: true, published: false, kind: 'topic', ...more };
}
const criteria = (kind: Kind, completion_criteria: Json) =>
  node({ kind, extra_fields: { options: { completion_criteria } } });
const fields = (row: NodeRow) => validateNode(row).map((problem) => [problem.code, problem.field]);

describe('completion criteria', () => {
  test.each<[Kind, Json]>([
    ['video', { model: 'time' }],
    ['video', {}],
    ['video', null],
    ['topic', { model: 'mastery' }],
    ['slideshow', { model: 'pages' }],
  ])('%s may have %j, complete or not', (kind, value) => expect(fields(criteria(kind, value))).toEqual([]));

  test.each<[Kind, Json, string]>([
    ['video', { model: 'mastery' }, '.model'],
    ['exercise', { model: 'time', threshold: 1 }, '.model'],
    ['document', { model: 'nonsense' }, '.model'],
    ['video', 'time', ''],
    ['video', [], ''],
  ])('%s may not have %j', (kind, value, at) => {
    expect(fields(criteria(kind, value))).toEqual([['invalid_value', `extra_fields.options.completion_criteria${at}`]]);
  });
});

describe('size', () => {
  test('a row of exactly the limit is allowed, one byte more is not', () => {
    const empty = JSON.stringify(node({})).length;
    const filled = (bytes: number) =>
      node({ description: 'é'.repeat(Math.floor((bytes - empty) / 2)) + 'x'.repeat((bytes - empty) % 2) });
    expect(fields(filled(LIMITS.row))).toEqual([]);
    expect(fields(filled(LIMITS.row + 1))).toEqual([['too_large', undefined]]);
  });

  test('holds for other tables', () => {
    const item: ItemRow = { ...BLANK_ITEM, id, channel_id: id, contentnode: id, assessment_id: id, modified: '' };
    expect(validateRow('assessmentitem', item)).toEqual([]);
    expect(validateRow('assessmentitem', { ...item, raw_data: '\u0001'.repeat(LIMITS.row / 6) })).toMatchObject([
      { code: 'too_large' },
    ]);
  });

  test('is that of the JSON in UTF-8, however it was found', () => {
    const value = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ stringUnit: 'grapheme' }));
    fc.assert(
      fc.property(value, fc.integer({ min: -40, max: 40 }), (row, off) => {
        const bytes = new TextEncoder().encode(JSON.stringify(row)).length;
        expect(isLargerThan(row, bytes + off)).toBe(off < 0);
      }),
      { numRuns: 500 },
    );
  });
});

test('a file is judged by format, preset and duration together', () => {
  const own = {
    id,
    channel_id: null,
    contentnode: null,
    assessment_item: null,
    checksum: '',
    sha256: null,
    file_size: 1,
    language: null,
  };
  const rest = { original_filename: 'x', uploaded_by: id, uploaded: false, mime_type: '', url: null, modified: '' };
  const problems = (file_format: string, preset: string | null, duration: number | null) =>
    validateRow('file', { ...own, ...rest, file_format, preset, duration }).map((problem) => problem.field);
  expect(problems('mp4', 'video', 3)).toEqual([]);
  expect(problems('mp4', null, null)).toEqual([]);
  expect(problems('', null, null)).toEqual([]);
  expect(problems('mp4', 'video', null)).toEqual(['duration']);
  expect(problems('pdf', 'document', 3)).toEqual(['duration']);
  expect(problems('pdf', 'video', null)).toEqual(['preset']);
  expect(problems('pdf', 'constructor', null)).toEqual(['preset']);
  expect(problems('', 'document', null)).toEqual(['file_format']);
  expect(problems('md', null, null)).toEqual([]);
});
