import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { NodeRow } from '../row.ts';
import { isCriteriaModel, MASTERY_MODELS, MODELS_BY_KIND } from '../vocabulary/criteria.ts';

type WithCriteria = Pick<NodeRow, 'kind' | 'extra_fields'>;

/** What `extra_fields.options` of a node says, if it says anything. */
function optionsOf(node: WithCriteria): JsonObject {
  const { options } = node.extra_fields;
  return isJsonObject(options) ? options : {};
}

export function isUnit(node: WithCriteria): boolean {
  return node.kind === 'topic' && optionsOf(node).modality === 'UNIT';
}

/** The completion criteria of a node, or null when it has none. */
export function criteriaOf(node: WithCriteria): Json {
  return optionsOf(node).completion_criteria ?? null;
}

/** Exercises of old have their mastery model at the top of `extra_fields`, where nothing was ever checked. */
export function hasOldMastery(node: WithCriteria): boolean {
  return Boolean(node.extra_fields.mastery_model);
}

/** Why a node of this kind cannot have these criteria at all, complete or not; null when it can. */
export function criteriaRefusal(node: WithCriteria): { field: string; message: string } | null {
  const criteria = criteriaOf(node);
  const field = 'extra_fields.options.completion_criteria';
  if (criteria === null) return null;
  if (!isJsonObject(criteria)) return { field, message: 'Completion criteria are an object.' };
  const model = criteria.model ?? null;
  if (model === null) return null;
  if (!isCriteriaModel(model)) return { field: `${field}.model`, message: 'There is no such model of completion.' };
  const allowed = MODELS_BY_KIND[node.kind];
  if (allowed && !allowed.includes(model))
    return { field: `${field}.model`, message: `A node of kind ${node.kind} is not completed by ${model}.` };
  return null;
}

/** Do the criteria say fully and rightly when the node is completed? */
export function isValidCriteria(node: WithCriteria): boolean {
  const criteria = criteriaOf(node);
  if (!isJsonObject(criteria) || criteriaRefusal(node) !== null) return false;
  const threshold = criteria.threshold ?? null;
  const managed = criteria.learner_managed ?? null;
  if (managed !== null && typeof managed !== 'boolean') return false;
  if (node.kind === 'topic' && !isUnit(node)) return false;
  switch (criteria.model) {
    case 'pages':
      return isPositive(threshold) || (typeof threshold === 'string' && /^(100|[1-9][0-9]?)%$/.test(threshold));
    case 'time':
    case 'approx_time':
      return isPositive(threshold);
    case 'mastery':
      return isJsonObject(threshold) && isMastery(threshold, node.kind === 'topic');
    case 'reference':
    case 'determined_by_resource':
      return threshold === null;
    default:
      return false;
  }
}

function isPositive(value: Json | undefined): boolean {
  return typeof value === 'number' && value > 0;
}

function isMastery(threshold: JsonObject, ofTopic: boolean): boolean {
  const { mastery_model: model = null, m = null, n = null } = threshold;
  if (!(MASTERY_MODELS as readonly unknown[]).includes(model)) return false;
  if (ofTopic !== (model === 'pre_post_test')) return false;
  if (model === 'm_of_n') return isPositive(m) && isPositive(n);
  return m === null && n === null && (model !== 'pre_post_test' || hasItemLists(threshold));
}

/** A test before and after names its items, at the threshold itself or in an object of the model's name. */
function hasItemLists(threshold: JsonObject): boolean {
  const at = isJsonObject(threshold.pre_post_test) ? threshold.pre_post_test : threshold;
  return ['assessment_item_ids', 'version_a_item_ids', 'version_b_item_ids'].every((name) => {
    const ids = at[name];
    return Array.isArray(ids) && ids.every((id) => typeof id === 'string');
  });
}
