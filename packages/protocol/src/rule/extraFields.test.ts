import { expect, test } from 'vitest';
import type { JsonObject } from '../json.ts';
import { normalExtraFields } from './extraFields.ts';

const criteria = (threshold: JsonObject, more: JsonObject = {}): JsonObject => ({
  options: { completion_criteria: { model: 'mastery', threshold, ...more } },
});

test.each<[string, JsonObject, JsonObject]>([
  ['a model of old', { mastery_model: 'do_all' }, criteria({ mastery_model: 'do_all', m: null, n: null })],
  [
    'm and n count for m_of_n',
    { mastery_model: 'm_of_n', m: 2, n: 3 },
    criteria({ mastery_model: 'm_of_n', m: 2, n: 3 }),
  ],
  [
    'and for no other',
    { mastery_model: 'do_all', m: 2, n: 3 },
    criteria({ mastery_model: 'do_all', m: null, n: null }),
  ],
  ['nulls of old say nothing', { mastery_model: null, m: null, n: null, other: 1 }, { other: 1 }],
  [
    'what is written in the old way is laid over the criteria that are there',
    { m: 4, ...criteria({ mastery_model: 'm_of_n', m: 2, n: 5 }, { learner_managed: true }) },
    criteria({ mastery_model: 'm_of_n', m: 4, n: 5 }, { learner_managed: true }),
  ],
])('%s', (_name, extra, normal) => {
  expect(normalExtraFields('exercise', extra)).toEqual(normal);
  expect(normalExtraFields('exercise', normal)).toBe(normal);
});

test('other kinds may call their own fields what they like', () => {
  const extra = { mastery_model: 'x', m: 1 };
  expect(normalExtraFields('document', extra)).toBe(extra);
});

test('a model without a threshold has none', () => {
  const extra = { options: { entry: 'a', completion_criteria: { model: 'determined_by_resource', threshold: null } } };
  const normal = { options: { entry: 'a', completion_criteria: { model: 'determined_by_resource' } } };
  expect(normalExtraFields('html5', extra)).toEqual(normal);
});
