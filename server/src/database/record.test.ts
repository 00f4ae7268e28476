import { BLANK_NODE } from '@cambium/protocol';
import { expect, it } from 'vitest';
import { testId, testRow } from '../tree/testing/database.ts';
import { leanNode, nodeFields, wholeNode } from './record.ts';

it('leaves out of a node what is at its default, and puts it together again', () => {
  const id = testId(5);
  const plain = testRow(id, testId(1), testId(1));
  expect(Object.keys(leanNode(plain)).length).toBeLessThan(15);
  expect(wholeNode(leanNode(plain))).toEqual(plain);
  const full = {
    ...plain,
    content_id: testId(9),
    description: 'what it is about',
    tags: { algebra: true as const },
    extra_fields: { options: { modality: 'QUIZ' } },
    license: 1,
  };
  expect(wholeNode(leanNode(full))).toEqual(full);
});

it('stores every field of a node that has no column and is not at its default, alone or with others', () => {
  const plain = testRow(testId(5), testId(1), testId(1));
  expect(nodeFields(plain)).toBe('{}');
  const keys = [...Object.keys(BLANK_NODE), 'node_id', 'content_id'];
  const others = Object.fromEntries(keys.map((key) => [key, { of: key }]));
  for (const key of keys) {
    const value = others[key];
    expect(JSON.parse(nodeFields({ ...plain, [key]: value }))).toEqual({ [key]: value });
  }
  expect(JSON.parse(nodeFields({ ...plain, ...others }))).toEqual(others);
});
