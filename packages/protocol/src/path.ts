import { isJsonObject, type Json, type JsonObject } from './json.ts';

/** The six maps of metadata labels; the ids of labels contain dots. */
export const LABEL_MAPS = [
  'grade_levels',
  'resource_types',
  'learning_activities',
  'accessibility_labels',
  'categories',
  'learner_needs',
] as const;
export type LabelMap = (typeof LABEL_MAPS)[number];

const WHOLE_KEY = new Set<string>([...LABEL_MAPS, 'tags']);

/** Is the field a map whose keys may contain dots: a label map or `tags`? */
export function isKeyMap(field: string): boolean {
  return WHOLE_KEY.has(field);
}

/** The keys of a key path; in label maps and `tags` everything after the first dot is one key. */
export function splitPath(path: string): string[] {
  const dot = path.indexOf('.');
  if (dot < 0) return [path];
  const head = path.slice(0, dot);
  const rest = path.slice(dot + 1);
  return isKeyMap(head) ? [head, rest] : [head, ...rest.split('.')];
}

/** The first key of a path: the field of the row that it changes. */
export function fieldOf(path: string): string {
  const dot = path.indexOf('.');
  return dot < 0 ? path : path.slice(0, dot);
}

/** The value at a path of a row; null when there is none, as null and absent mean the same. */
export function getPath(row: object, path: string): Json {
  let at: Json = row as JsonObject;
  for (const key of splitPath(path)) {
    if (!isJsonObject(at) || !Object.hasOwn(at, key)) return null;
    at = at[key] as Json;
  }
  return at ?? null;
}

/**
 * Sets a value at a path, making the objects on the way; null unsets. Never changes what it is given: returns the new
 * value of the path's first field. A null for a whole label map means "no change", as Kolibri Studio has it.
 */
export function setPath(current: Json | undefined, path: string, value: Json): Json {
  const [head, ...rest] = splitPath(path) as [string, ...string[]];
  if (rest.length === 0) return value === null && isKeyMap(head) ? (current ?? {}) : value;
  return setIn(current, rest, value);
}

function setIn(current: Json | undefined, keys: string[], value: Json): Json {
  const [key, ...rest] = keys as [string, ...string[]];
  const old = isJsonObject(current) ? current : {};
  if (value === null && !Object.hasOwn(old, key)) return isJsonObject(current) ? current : (current ?? {});
  // A fresh object without prototype keys: `__proto__` in a path is an ordinary own key here, never a way in.
  const copy = new Map(Object.entries(old));
  if (rest.length > 0) copy.set(key, setIn(copy.get(key), rest, value));
  else if (value === null) copy.delete(key);
  else copy.set(key, value);
  return Object.fromEntries(copy);
}

/** Flat key paths and their new values. */
export type Mods = Record<string, Json>;

/** The fields of a row that `mods` change, with their new values. */
export function applyMods(row: object, mods: Mods): JsonObject {
  const fields = new Map<string, Json>();
  for (const [path, value] of Object.entries(mods)) {
    const field = fieldOf(path);
    const current = fields.has(field) ? fields.get(field) : (row as JsonObject)[field];
    fields.set(field, setPath(current, path, value));
  }
  return Object.fromEntries(fields);
}
