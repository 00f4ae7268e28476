/** Matches NUL, and a surrogate without its other half (whole pairs are one character under the `u` flag). */
const BROKEN = /[\0\uD800-\uDFFF]/u;

/** Is it Unicode text that every store and every JSON parser keeps as it is: no NUL, no lone surrogates? */
export function isText(value: string): boolean {
  return !BROKEN.test(value);
}

/** Has it at most `limit` characters (code points)? */
export function isWithin(value: string, limit: number): boolean {
  if (value.length <= limit) return true;
  if (value.length > limit * 2) return false;
  let count = 0;
  for (const _ of value) count += 1;
  return count <= limit;
}

/** What is wrong with a JSON value that may be anything, or null: depth and text, keys too. */
export function jsonProblem(value: unknown, limit: number): string | null {
  const stack: [unknown, number][] = [[value, 0]];
  for (let top = stack.pop(); top; top = stack.pop()) {
    const [item, depth] = top;
    if (typeof item === 'string') {
      if (!isText(item)) return 'Text must be Unicode without NUL and without lone surrogates.';
    } else if (typeof item === 'number') {
      if (!Number.isFinite(item)) return 'A number must be finite.';
    } else if (typeof item === 'object' && item !== null) {
      if (depth >= limit) return 'It is nested too deeply.';
      if (Array.isArray(item)) for (const inner of item) stack.push([inner, depth + 1]);
      else
        for (const [key, inner] of Object.entries(item)) {
          if (!isText(key)) return 'Keys must be Unicode without NUL and without lone surrogates.';
          stack.push([inner, depth + 1]);
        }
    } else if (typeof item !== 'boolean' && item !== null && item !== undefined) return 'It must be JSON.';
  }
  return null;
}
