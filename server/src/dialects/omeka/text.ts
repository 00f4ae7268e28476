import type { Kysely } from 'kysely';
import type { Schema } from '../../database/schema.ts';
import type { ElementText } from './commands.ts';
import { ELEMENTS, setOf } from './element.ts';
import { ApiError } from './errors.ts';

/** Characters of one text, and texts of one record. */
const MAX_TEXT = 1_048_576;
const MAX_TEXTS = 1_000;

/** The texts of a body; undefined when they are to stay as they are. What is no object, or has no text, vanishes. */
export function readTexts(value: unknown): ElementText[] | undefined {
  if (!Array.isArray(value)) return undefined;
  if (value.length > MAX_TEXTS) throw new ApiError(400, `Invalid element texts. There may be ${MAX_TEXTS} at most.`);
  return value.flatMap((each: unknown): ElementText[] => {
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return [];
    const { element, text, html } = each as Record<string, unknown>;
    if (text === undefined || text === null || text === '') return [];
    if (typeof text !== 'string' && typeof text !== 'number')
      throw new ApiError(400, 'Invalid element text. It must be text.');
    const words = String(text);
    if (words.length > MAX_TEXT || /[\0\p{Surrogate}]/u.test(words))
      throw new ApiError(400, 'Invalid element text. It is too long or no text.');
    const id =
      typeof element === 'object' && element !== null ? Number((element as Record<string, unknown>)['id']) : NaN;
    if (!Number.isSafeInteger(id)) throw new ApiError(400, 'Invalid element text. It must name an element by its id.');
    return [{ element: id, text: words, html: Boolean(html) }];
  });
}

export interface ShownText {
  html: boolean;
  text: string;
  element_set: { id: number; url: string; name: string; resource: 'element_sets' };
  element: { id: number; url: string; name: string; resource: 'elements' };
}

/** The texts of these records, by number. Those of elements that do not exist are never shown. */
export async function loadTexts(
  db: Kysely<Schema>,
  record: 'file' | 'item',
  numbers: readonly number[],
  base: string,
): Promise<Map<number, ShownText[]>> {
  const shown = new Map<number, ShownText[]>(numbers.map((number) => [number, []]));
  if (numbers.length === 0) return shown;
  const rows = await db
    .selectFrom('omeka_text')
    .selectAll()
    .where('record', '=', record)
    .where('number', 'in', [...numbers])
    .orderBy('number')
    .orderBy('ord')
    .execute();
  for (const { number, element: id, html, text } of rows) {
    const element = ELEMENTS.get(id);
    if (!element) continue;
    const set = setOf(element);
    shown.get(number)?.push({
      html: html === 1,
      text,
      element_set: { id: set.id, url: `${base}/api/element_sets/${set.id}`, name: set.name, resource: 'element_sets' },
      element: { id, url: `${base}/api/elements/${id}`, name: element.name, resource: 'elements' },
    });
  }
  return shown;
}
