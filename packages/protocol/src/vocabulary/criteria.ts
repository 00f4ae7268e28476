import type { Kind } from './kind.ts';

/** When a learner has completed a resource. */
export const CRITERIA_MODELS = [
  'time',
  'approx_time',
  'pages',
  'mastery',
  'reference',
  'determined_by_resource',
] as const;
export type CriteriaModel = (typeof CRITERIA_MODELS)[number];

export function isCriteriaModel(value: unknown): value is CriteriaModel {
  return (CRITERIA_MODELS as readonly unknown[]).includes(value);
}

/** The models that nodes of a kind may have; a kind that is not named may have any. */
export const MODELS_BY_KIND: Partial<Record<Kind, readonly CriteriaModel[]>> = {
  document: ['pages', 'time', 'approx_time', 'reference'],
  exercise: ['mastery'],
  html5: ['determined_by_resource', 'time', 'approx_time', 'reference'],
  h5p: ['determined_by_resource', 'time', 'approx_time', 'reference'],
  audio: ['time', 'approx_time', 'reference'],
  video: ['time', 'approx_time', 'reference'],
  topic: ['mastery'],
};

/** How many answers must be right. */
export const MASTERY_MODELS = [
  'do_all',
  'm_of_n',
  'num_correct_in_a_row_2',
  'num_correct_in_a_row_3',
  'num_correct_in_a_row_5',
  'num_correct_in_a_row_10',
  'pre_post_test',
] as const;
export type MasteryModel = (typeof MASTERY_MODELS)[number];
