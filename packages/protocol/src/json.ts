/** What JSON can say. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value nested deeper than this is refused: walking it could exhaust the stack of whoever reads it. */
export const MAX_JSON_DEPTH = 64;

/** Is the value nested deeper than `limit`? Walks with its own stack, so that no input can exhaust the call stack. */
export function isTooDeep(value: unknown, limit = MAX_JSON_DEPTH): boolean {
  const stack: [unknown, number][] = [[value, 0]];
  for (let top = stack.pop(); top; top = stack.pop()) {
    const [item, depth] = top;
    if (typeof item !== 'object' || item === null) continue;
    if (depth >= limit) return true;
    for (const inner of Object.values(item)) if (typeof inner === 'object') stack.push([inner, depth + 1]);
  }
  return false;
}

/** Has it more than `limit` keys, inner ones counted? Stops as soon as it knows. */
export function hasMoreKeys(value: JsonObject, limit: number): boolean {
  let left = limit;
  const stack: (Json[] | JsonObject)[] = [value];
  const look = (inner: Json | undefined): void => {
    if (typeof inner === 'object' && inner !== null) stack.push(inner);
  };
  for (let top = stack.pop(); top; top = stack.pop()) {
    if (Array.isArray(top)) {
      for (const item of top) look(item);
      continue;
    }
    for (const key in top) {
      left -= 1;
      if (left < 0) return true;
      look(top[key]);
    }
  }
  return false;
}

/** Structural equality that ignores the order of keys. */
export function isEqualJson(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && isEqualJson((a as JsonObject)[key], (b as JsonObject)[key]));
}

/** Levels that are walked by recursion, which is twice as fast; what lies deeper has a stack of its own. */
const SHALLOW = 32;

/**
 * JSON text with the keys of every object sorted: equal values have equal text, whatever the order they came in. No
 * nesting can exhaust the call stack.
 */
export function canonicalJson(value: Json): string {
  return shallowJson(value, 0);
}

function shallowJson(value: Json, depth: number): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (depth > SHALLOW) return deepJson(value);
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += `${text && ','}${shallowJson(item ?? null, depth + 1)}`;
    return `[${text}]`;
  }
  for (const key of sortedKeys(value)) {
    const item = value[key];
    if (item !== undefined) text += `${text && ','}${quoted(key)}:${shallowJson(item, depth + 1)}`;
  }
  return `{${text}}`;
}

/** Keys up to which sorting them in place is cheaper than `sort`, which makes arrays of its own. */
const FEW = 16;

/** The keys of an object in the order of their code units. */
export function sortedKeys(object: object): string[] {
  const keys = Object.keys(object);
  if (keys.length > FEW) return keys.sort();
  for (let i = 1; i < keys.length; i += 1) {
    const key = keys[i] as string;
    let at = i;
    for (; at > 0 && (keys[at - 1] as string) > key; at -= 1) keys[at] = keys[at - 1] as string;
    keys[at] = key;
  }
  return keys;
}

/** Characters that JSON writes as they are; to look is cheaper than to call the serialiser for each short text. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

function deepJson(value: Json): string {
  let text = '';
  const open: Level[] = [];
  const write = (item: Json): void => {
    if (typeof item !== 'object' || item === null) text += JSON.stringify(item);
    else {
      text += Array.isArray(item) ? '[' : '{';
      open.push(levelOf(item));
    }
  };
  write(value);
  for (let level = open.at(-1); level; level = open.at(-1)) {
    const { keys, values, next } = level;
    if (next === values.length) {
      text += keys ? '}' : ']';
      open.pop();
      continue;
    }
    if (next > 0) text += ',';
    if (keys) text += `${JSON.stringify(keys[next])}:`;
    level.next += 1;
    write(values[next] ?? null);
  }
  return text;
}

/** An array or object that is being written: how far it has come. */
interface Level {
  keys: string[] | null;
  values: Json[];
  next: number;
}

function levelOf(item: Json[] | JsonObject): Level {
  if (Array.isArray(item)) return { keys: null, values: item, next: 0 };
  const keys = Object.keys(item)
    .filter((key) => item[key] !== undefined)
    .sort();
  return { keys, values: keys.map((key) => item[key] as Json), next: 0 };
}
