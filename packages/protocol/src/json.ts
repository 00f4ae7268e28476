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
  for (let top = stack.pop(); top; top = stack.pop()) {
    const isList = Array.isArray(top);
    for (const key in top) {
      if (!isList) left -= 1;
      if (left < 0) return true;
      const inner = (top as JsonObject)[key];
      if (typeof inner === 'object' && inner !== null) stack.push(inner);
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

/**
 * JSON text with the keys of every object sorted: equal values have equal text, whatever the order they came in. Walks
 * with its own stack, so that no nesting can exhaust the call stack.
 */
export function canonicalJson(value: Json): string {
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
