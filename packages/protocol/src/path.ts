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
  return setWithin(current, path, value, new Set());
}

/** `fresh` are the objects that this run made itself and may go on changing: each is copied once, however many paths. */
function setWithin(current: Json | undefined, path: string, value: Json, fresh: Set<object>): Json {
  const [head, ...keys] = splitPath(path) as [string, ...string[]];
  const last = keys.pop();
  if (last === undefined) return value === null && isKeyMap(head) ? (current ?? {}) : value;
  if (value === null && !isThere(current, [...keys, last])) return current === undefined ? {} : current;
  const top = own(current, fresh);
  let at = top;
  for (const key of keys) {
    const inner = own(Object.hasOwn(at, key) ? at[key] : undefined, fresh);
    put(at, key, inner);
    at = inner;
  }
  if (value === null) delete at[last];
  else put(at, last, value);
  return top;
}

function isThere(current: Json | undefined, keys: readonly string[]): boolean {
  let at = current;
  for (const key of keys) {
    if (!isJsonObject(at) || !Object.hasOwn(at, key)) return false;
    at = at[key];
  }
  return true;
}

/** The object itself when this run made it, else a copy; an empty one in place of what is no object. */
function own(value: Json | undefined, fresh: Set<object>): JsonObject {
  if (isJsonObject(value) && fresh.has(value)) return value;
  const copy = isJsonObject(value) ? { ...value } : {};
  fresh.add(copy);
  return copy;
}

/** Sets an own property, whatever its name: assigning to `__proto__` would change the prototype and set nothing. */
function put(object: JsonObject, key: string, value: Json): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else object[key] = value;
}

/** Flat key paths and their new values. */
export type Mods = Record<string, Json>;

/** The fields of a row that `mods` change, with their new values. */
export function applyMods(row: object, mods: Mods): JsonObject {
  const fields = new Map<string, Json>();
  const fresh = new Set<object>();
  for (const [path, value] of Object.entries(mods)) {
    const field = fieldOf(path);
    const current = fields.has(field) ? fields.get(field) : (row as JsonObject)[field];
    fields.set(field, setWithin(current, path, value, fresh));
  }
  return Object.fromEntries(fields);
}
