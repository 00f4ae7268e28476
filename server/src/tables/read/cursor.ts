import { isJsonObject, normalizeId, Refusal, type Id } from '@cambium/protocol';

/** The value of the field that a list is ordered by. */
export type Ordered = string | number | null;

/** Where a page ended, by its rows and never by their labels: labels change at any time. */
export type PageEnd =
  /** In document order: the last row, then rows before it, for when the last is gone by the next page. */
  | { by: 'lft'; trail: Id[] }
  /** By a field: the last row's value then, and its id among equal values. */
  | { by: string; value: Ordered; id: Id };

export function encodeCursor(end: PageEnd): string {
  return Buffer.from(JSON.stringify(end)).toString('base64url');
}

/** Throws `invalid_value` for what `encodeCursor` did not make, or made for another ordering. */
export function decodeCursor(text: string, ordering: string): PageEnd {
  const end = parse(text);
  if (!end || end.by !== ordering) throw new Refusal('invalid_value', { field: 'cursor' });
  return end;
}

function parse(text: string): PageEnd | null {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (!isJsonObject(value) || typeof value['by'] !== 'string') return null;
  if (value['by'] === 'lft') {
    const trail = Array.isArray(value['trail']) ? value['trail'].map(normalizeId) : [];
    return trail.length > 0 && trail.length <= TRAIL && !trail.includes(null)
      ? { by: 'lft', trail: trail as Id[] }
      : null;
  }
  const id = normalizeId(value['id']);
  const ordered = value['value'];
  const isOrdered = ordered === null || typeof ordered === 'string' || typeof ordered === 'number';
  return id !== null && isOrdered ? { by: value['by'], value: ordered, id } : null;
}

const TRAIL = 16;

/**
 * Ids to go on after: the page's last row, others at doubling distances before it, then what the page before went on
 * after. Whichever comes first and still stands there is where the next page starts, so that rows deleted in between
 * make it repeat a few at worst, and never skip any.
 */
export function trailOf(page: readonly Id[], before: PageEnd | null): Id[] {
  const trail: Id[] = [];
  for (let back = 1; back <= page.length; back *= 2) trail.push(page[page.length - back] as Id);
  const earlier = before && 'trail' in before ? before.trail : [];
  return [...trail, ...earlier.slice(0, 4)].slice(0, TRAIL);
}
