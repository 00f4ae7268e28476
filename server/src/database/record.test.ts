import { expect, it } from 'vitest';
import { testId, testRow } from '../tree/testing/database.ts';
import { leanNode, wholeNode } from './record.ts';

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
