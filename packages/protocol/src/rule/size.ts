/** Bytes that a character can take in JSON at most: `\u0000`. */
const ESCAPED = 6;
/** Bytes that any number, `false` or `null` can take at most, with its comma. */
const SCALAR = 26;

/**
 * Is the value, as JSON in UTF-8, larger than that many bytes? Most rows are far from it: an upper bound, which costs a
 * walk and no text, settles those; only the others are measured.
 */
export function isLargerThan(value: object, bytes: number): boolean {
  return isBoundAbove(value, bytes) && byteLength(JSON.stringify(value)) > bytes;
}

function isBoundAbove(value: object, bytes: number): boolean {
  let left = bytes;
  const stack: object[] = [value];
  for (let item = stack.pop(); item; item = stack.pop()) {
    left -= SCALAR;
    const isList = Array.isArray(item);
    for (const key in item) {
      if (!isList) left -= key.length * ESCAPED + 4;
      const inner = (item as Record<string, unknown>)[key];
      if (typeof inner === 'object' && inner !== null) stack.push(inner);
      else left -= typeof inner === 'string' ? inner.length * ESCAPED + 3 : SCALAR;
      if (left < 0) return true;
    }
  }
  return left < 0;
}

/** The length of well-formed text in UTF-8. */
function byteLength(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    // Either half of a surrogate pair counts for two of its four bytes.
    length += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3;
  }
  return length;
}

/** Text up to this length counts as it is; of longer text the JSON is measured, as escapes can make it six times as long. */
const SHORT = 1_000;

/** Roughly the characters of a row's JSON that its author chose: cheap where there are few, exact where there are many. */
export function textLength(row: object): number {
  let length = 0;
  for (const key in row) {
    const value = (row as Record<string, unknown>)[key];
    if (typeof value === 'string') length += value.length > SHORT ? JSON.stringify(value).length : value.length;
    else if (typeof value === 'object' && value !== null) length += JSON.stringify(value).length;
  }
  return length;
}
