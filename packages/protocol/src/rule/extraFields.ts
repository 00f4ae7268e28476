import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { Kind } from '../vocabulary/kind.ts';

/** Where exercises of old say when they are mastered. */
const OLD = ['mastery_model', 'm', 'n'] as const;

/** Models that are said by their name alone. */
const WITHOUT_THRESHOLD: readonly unknown[] = ['reference', 'determined_by_resource'];

/**
 * The one spelling of `extra_fields`: an exercise of old gets its mastery as completion criteria, and a model that
 * takes no threshold has none. Returns the very object when there is nothing to do.
 */
export function normalExtraFields(kind: Kind, extra: JsonObject): JsonObject {
  return withoutThreshold(kind === 'exercise' ? withoutOld(extra) : extra);
}

function withoutOld(extra: JsonObject): JsonObject {
  if (!OLD.some((name) => Object.hasOwn(extra, name))) return extra;
  const { mastery_model: model = null, m = null, n = null, ...rest } = extra;
  if (model === null && m === null && n === null) return rest;
  const options = objectOf(rest.options);
  const criteria = objectOf(options.completion_criteria);
  const before = objectOf(criteria.threshold);
  const mastery_model = model ?? before.mastery_model ?? null;
  const counts =
    mastery_model === 'm_of_n' ? { m: m ?? before.m ?? null, n: n ?? before.n ?? null } : { m: null, n: null };
  const threshold = { ...before, ...counts, mastery_model };
  return { ...rest, options: { ...options, completion_criteria: { ...criteria, model: 'mastery', threshold } } };
}

function withoutThreshold(extra: JsonObject): JsonObject {
  const { options } = extra;
  if (!isJsonObject(options) || !isJsonObject(options.completion_criteria)) return extra;
  const { threshold, ...criteria } = options.completion_criteria;
  if (threshold === undefined || !WITHOUT_THRESHOLD.includes(criteria.model)) return extra;
  return { ...extra, options: { ...options, completion_criteria: criteria } };
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
