import { ERRORS, Refusal, type Id, type JsonObject } from '@cambium/protocol';
import { sql, type Kysely, type RawBuilder, type SqlBool } from 'kysely';
import type { Schema } from '../../database/schema.ts';
import type { User } from '../../writer/writer.ts';
import { nodeToRest } from '../rest.ts';
import { nodeViews } from '../view.ts';
import { isViewable } from './access.ts';
import { decodeCursor, encodeCursor, trailOf, type Ordered, type PageEnd } from './cursor.ts';
import { nodeField } from './node-field.ts';
import { searchExpression } from '../search.ts';
import { channelColumn, NODE_FILTERS } from './node-filter.ts';

type Condition = RawBuilder<SqlBool>;

/** Largest size of a page, and the size when none is asked for. */
const PAGE = 100;

/** Characters of a page: rows of a mebibyte come a few at a time, or a handful of readers would fill memory. */
const LONGEST = 8_388_608;

/** Nodes that take less time to be looked at and sorted than a large channel to be walked in its order. */
const RARE = 2_000;

/** Parameters that shape a page without choosing rows. */
const SHAPE = new Set(['max_results', 'ordering', 'cursor']);

/** Filters that say where a row stands: a row that no longer does is no place to go on from. */
const PLACES = new Set(['parent', 'parent__in', 'root_id', 'channel_id', 'descendants_of']);

/** Filters that name one parent or one channel, so that labels alone tell the order of what they choose. */
const ONE_CHANNEL = new Set(['parent', 'root_id', 'channel_id', 'descendants_of', 'ancestors_of']);

export interface NodePage {
  results: JsonObject[];
  /** The whole query of the next page, or null at the end. */
  more: Record<string, string> | null;
}

/** One page of the nodes that a user may view. Throws refusals for filters and orderings that do not exist. */
export async function listNodes(db: Kysely<Schema>, user: User, query: Record<string, string>): Promise<NodePage> {
  const filters = Object.keys(query).filter((name) => !SHAPE.has(name));
  if (filters.length === 0) throw new Refusal('filter_required');
  const channel = channelColumn(query['search'] !== undefined && (await isRare(db, query['search'])));
  const conditions = filters.map((name) => conditionOf(name, query[name] as string, channel));
  const size = pageSize(query['max_results']);
  const { field, isDescending } = parseOrdering(query['ordering'] ?? 'lft', user);
  const from = query['cursor'] === undefined ? null : decodeCursor(query['cursor'], field);

  let rows = nodeViews(db, user)
    .where(isViewable(user, channel))
    .where('c.deleted', '=', 0)
    .limit(size + 1);
  for (const condition of conditions) rows = rows.where(condition);
  const direction = isDescending ? 'desc' : 'asc';
  const value = nodeField(field, user);
  if (value) {
    rows = rows.orderBy(value, direction).orderBy('n.id', direction);
    if (from && 'id' in from) rows = rows.where(afterValue(value, from, isDescending));
  } else {
    const isOneChannel = filters.some((name) => ONE_CHANNEL.has(name));
    if (!isOneChannel) rows = rows.orderBy(channel, direction);
    rows = rows.orderBy('n.lft', direction);
    const places = conditions.filter((_, i) => PLACES.has(filters[i] as string));
    if (from && 'trail' in from) rows = rows.where(afterRow(from.trail, places, isOneChannel, isDescending));
  }
  const found = await rows.select((value ?? sql<Ordered>`NULL`).as('ordered_by')).execute();
  const page = found.slice(0, Math.min(size, fitting(found)));
  const last = page.at(-1);
  if (!last || page.length === found.length) return { results: page.map(nodeToRest), more: null };
  const end: PageEnd = value
    ? { by: field, value: last.ordered_by, id: last.id }
    : {
        by: 'lft',
        trail: trailOf(
          page.map((row) => row.id),
          from,
        ),
      };
  return { results: page.map(nodeToRest), more: { ...query, cursor: encodeCursor(end) } };
}

/** How many of the rows a page has room for, at least one. */
function fitting(rows: readonly { fields: string }[]): number {
  let length = 0;
  const beyond = rows.findIndex(({ fields }, index) => (length += fields.length) > LONGEST && index > 0);
  return beyond < 0 ? rows.length : beyond;
}

/** One node in its REST form. Throws `not_found` for who may not view it. */
export async function readNode(db: Kysely<Schema>, user: User, id: Id): Promise<JsonObject> {
  const found = await nodeViews(db, user)
    .where('n.id', '=', id)
    .where('c.deleted', '=', 0)
    .where(isViewable(user, sql<number>`n.channel`))
    .executeTakeFirst();
  if (!found) throw new Refusal('not_found');
  return nodeToRest(found);
}

/** Does a search find so few nodes, of all channels, that each of them may be looked at? */
async function isRare(db: Kysely<Schema>, text: string): Promise<boolean> {
  const expression = searchExpression(text);
  if (expression === null) return true;
  const { rows } = await sql<{ found: number }>`SELECT count(*) AS found
    FROM (SELECT 1 FROM search WHERE search MATCH ${expression} LIMIT ${sql.lit(RARE)})`.execute(db);
  return (rows[0]?.found ?? 0) < RARE;
}

function conditionOf(name: string, text: string, channel: RawBuilder<number>): Condition {
  const make = NODE_FILTERS.get(name);
  if (!make)
    throw new Refusal('invalid_value', {
      field: name,
      message: `There is no filter ${JSON.stringify(name.slice(0, 60))}.`,
    });
  return make(text, name, channel);
}

function pageSize(text: string | undefined): number {
  if (text === undefined) return PAGE;
  const size = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (size < 1) throw new Refusal('invalid_value', { field: 'max_results', message: `Must be from 1 to ${PAGE}.` });
  return Math.min(size, PAGE);
}

function parseOrdering(text: string, user: User): { field: string; isDescending: boolean } {
  const isDescending = text.startsWith('-');
  const field = isDescending ? text.slice(1) : text;
  if (field === 'lft' || nodeField(field, user)) return { field, isDescending };
  throw new Refusal('invalid_value', {
    field: 'ordering',
    message: `${ERRORS.invalid_value.message} Use one scalar field of a node.`,
  });
}

/** Rows after the first id of the trail that still stands where the list looks; all rows when none does. */
function afterRow(trail: Id[], places: Condition[], isOneChannel: boolean, isDescending: boolean): Condition {
  const start = sql.lit(isDescending ? Number.MAX_SAFE_INTEGER : 0);
  // In the same statement as the page itself: labels may change between two.
  const of = (column: 'lft' | 'channel') => sql<number>`coalesce((SELECT ${sql.ref(`n.${column}`)}
    FROM json_each(${JSON.stringify(trail)}) AS t CROSS JOIN node AS n ON n.id = t.value
    WHERE ${sql.join([sql`TRUE`, ...places], sql` AND `)} ORDER BY t.key LIMIT 1), ${start})`;
  const sign = sql.raw(isDescending ? '<' : '>');
  if (isOneChannel) return sql<SqlBool>`n.lft ${sign} ${of('lft')}`;
  return sql<SqlBool>`(n.channel, n.lft) ${sign} (${of('channel')}, ${of('lft')})`;
}

/** Rows after a value and, among equal ones, after an id. Null is the least value, as SQLite orders it. */
function afterValue(field: RawBuilder<Ordered>, end: { value: Ordered; id: Id }, isDescending: boolean): Condition {
  const { value, id } = end;
  if (isDescending) {
    if (value === null) return sql<SqlBool>`(${field} IS NULL AND n.id < ${id})`;
    return sql<SqlBool>`(${field} < ${value} OR ${field} IS NULL OR (${field} = ${value} AND n.id < ${id}))`;
  }
  if (value === null) return sql<SqlBool>`(${field} IS NOT NULL OR n.id > ${id})`;
  return sql<SqlBool>`(${field} > ${value} OR (${field} = ${value} AND n.id > ${id}))`;
}
