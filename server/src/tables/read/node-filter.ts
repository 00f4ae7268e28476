import { KINDS, normalizeId, Refusal, type Id } from '@cambium/protocol';
import { sql, type RawBuilder, type SqlBool } from 'kysely';

type Condition = RawBuilder<SqlBool>;

/** Most words of one search. */
const WORDS = 10;

/** The filters of a list of nodes: each makes a condition over `nodeViews` of the text that was given. */
export const NODE_FILTERS = new Map<string, (text: string, field: string) => Condition>([
  ['parent', (text, field) => sql`n.parent = (SELECT pk FROM node WHERE id = ${oneId(text, field)})`],
  ['parent__in', (text, field) => sql`n.parent IN (SELECT pk FROM node WHERE id IN ${listOf(text, field)})`],
  ['id__in', (text, field) => sql`n.id IN ${listOf(text, field)}`],
  ['kind', (text, field) => sql`n.kind = ${oneOf(KINDS, text, field)}`],
  ['root_id', inChannel],
  ['channel_id', inChannel],
  // By the parents and not by the labels: a parent is the truth of the tree's shape.
  [
    'ancestors_of',
    (text, field) => sql`n.pk IN (WITH RECURSIVE up(pk, parent) AS (
      SELECT pk, parent FROM node WHERE id = ${oneId(text, field)}
      UNION ALL SELECT a.pk, a.parent FROM up JOIN node a ON a.pk = up.parent) SELECT pk FROM up)`,
  ],
  [
    'descendants_of',
    (text, field) => {
      const id = oneId(text, field);
      return sql`n.channel = (SELECT channel FROM node WHERE id = ${id})
        AND n.lft > (SELECT lft FROM node WHERE id = ${id}) AND n.lft < (SELECT rgt FROM node WHERE id = ${id})`;
    },
  ],
  ['complete', (text, field) => sql`n.complete = ${boolean(text, field)}`],
  ['search', search],
]);

function inChannel(text: string, field: string): Condition {
  return sql`n.channel = (SELECT pk FROM channel WHERE id = ${oneId(text, field)})`;
}

function oneId(text: string, field: string): Id {
  const id = normalizeId(text);
  if (id === null) throw new Refusal('invalid_value', { field, message: 'That is not an id.' });
  return id;
}

/** Ids of a comma list, as a set in SQL. One parameter, so that the statement's text is the same for every number. */
function listOf(text: string, field: string): RawBuilder<unknown> {
  const ids = text.split(',').map((one) => oneId(one.trim(), field));
  return sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`;
}

function oneOf(values: readonly string[], text: string, field: string): string {
  if (values.includes(text)) return text;
  throw new Refusal('invalid_value', { field, message: `Must be one of ${values.join(', ')}.` });
}

function boolean(text: string, field: string): 0 | 1 {
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === '1') return 1;
  if (lower === 'false' || lower === '0') return 0;
  throw new Refusal('invalid_value', { field, message: 'Must be true or false.' });
}

/** Every word of the search stands somewhere in the title, the description, a tag or another text of the node. */
function search(text: string, field: string): Condition {
  const words = text.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0 || words.length > WORDS) {
    throw new Refusal('invalid_value', { field, message: `Search for 1 to ${WORDS} words.` });
  }
  const each = words.map((word) => sql<SqlBool>`(${sql.join(spellings(word).map(contains), sql` OR `)})`);
  return sql`(${sql.join(each, sql` AND `)})`;
}

/** SQLite's LIKE ignores case in ASCII only: of other scripts the usual spellings are tried. */
function spellings(word: string): [string, string, string] {
  const lower = word.toLowerCase();
  return [lower, word.toUpperCase(), lower.replace(/^./u, (first) => first.toUpperCase())];
}

function contains(word: string): Condition {
  const pattern = `%${word.replace(/[\\%_]/g, '\\$&')}%`;
  return sql`(n.title LIKE ${pattern} ESCAPE '\\' OR coalesce(json_extract(n.fields, '$.description'), '') LIKE ${pattern} ESCAPE '\\'
    OR EXISTS (SELECT 1 FROM json_each(n.fields, '$.tags') AS tag WHERE tag.key LIKE ${pattern} ESCAPE '\\'))`;
}
