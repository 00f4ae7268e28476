import { KINDS, normalizeId, Refusal, type Id } from '@cambium/protocol';
import { sql, type RawBuilder, type SqlBool } from 'kysely';
import { MOST_WORDS, searchExpression, wordsOf } from '../search.ts';

type Condition = RawBuilder<SqlBool>;

/**
 * The filters of a list of nodes: each makes a condition over `nodeViews` of the text that was given. `channel` is the
 * column to say the channel by (`channelColumn`).
 */
export const NODE_FILTERS = new Map<string, (text: string, field: string, channel: RawBuilder<number>) => Condition>([
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
    (text, field, channel) => {
      const id = oneId(text, field);
      return sql`${channel} = (SELECT channel FROM node WHERE id = ${id})
        AND n.lft > (SELECT lft FROM node WHERE id = ${id}) AND n.lft < (SELECT rgt FROM node WHERE id = ${id})`;
    },
  ],
  ['complete', (text, field) => sql`n.complete = ${boolean(text, field)}`],
  ['search', search],
]);

/**
 * The channel of a node, so that the rows of a channel are walked in their order, or (`isRare`) so that they are not:
 * a search that finds little is answered from what it finds, whatever the size of the channel.
 */
export function channelColumn(isRare: boolean): RawBuilder<number> {
  return isRare ? sql<number>`+n.channel` : sql<number>`n.channel`;
}

function inChannel(text: string, field: string, channel: RawBuilder<number>): Condition {
  return sql`${channel} = (SELECT pk FROM channel WHERE id = ${oneId(text, field)})`;
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

/** Every word of the search begins a word of the title, the description or a tag. The index has to be up to date. */
function search(text: string, field: string): Condition {
  const count = wordsOf(text).length;
  if (count === 0 || count > MOST_WORDS) {
    throw new Refusal('invalid_value', { field, message: `Search for 1 to ${MOST_WORDS} words.` });
  }
  const expression = searchExpression(text);
  return expression === null ? sql`FALSE` : sql`n.pk IN (SELECT rowid FROM search WHERE search MATCH ${expression})`;
}
