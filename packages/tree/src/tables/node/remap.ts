import { isJsonObject, normalizeId, type Id, type Json, type JsonObject } from '@cambium/protocol';

/** What the copies are called, by the ids of their sources: nodes and assessment items. */
export type Copies = ReadonlyMap<Id, Id>;

/**
 * The `extra_fields` of a copy: they speak of nodes and items of the copy where the source's spoke of its own. Keys of
 * `lesson_objectives` are lessons, so those that were left out of the copy go.
 */
export function remapExtraFields(extra: JsonObject, copies: Copies): JsonObject {
  const options = extra['options'];
  if (!isJsonObject(options)) return extra;
  const result: JsonObject = { ...options };
  const objectives = options['lesson_objectives'];
  if (isJsonObject(objectives)) result['lesson_objectives'] = remapKeys(objectives, copies);
  const criteria = options['completion_criteria'];
  if (isJsonObject(criteria) && isJsonObject(criteria['threshold'])) {
    result['completion_criteria'] = { ...criteria, threshold: remapIds(criteria['threshold'], copies) };
  }
  return { ...extra, options: result };
}

function remapKeys(objectives: JsonObject, copies: Copies): JsonObject {
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(objectives)) {
    const copy = copyOf(key, copies);
    if (copy !== undefined) result[copy] = value;
  }
  return result;
}

function remapIds(value: Json, copies: Copies): Json {
  if (typeof value === 'string') return copyOf(value, copies) ?? value;
  if (Array.isArray(value)) return value.map((item) => remapIds(item, copies));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, remapIds(item, copies)]));
}

function copyOf(text: string, copies: Copies): Id | undefined {
  const id = normalizeId(text);
  return id === null ? undefined : copies.get(id);
}
