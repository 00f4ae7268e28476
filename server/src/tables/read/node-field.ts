import { BLANK_NODE } from '@cambium/protocol';
import { sql, type RawBuilder } from 'kysely';
import type { User } from '../../writer/writer.ts';
import { originName } from './origin.ts';

/** Text is ordered by this many of its first characters: a cursor has to carry the value. */
const TEXT = 200;

type Value = string | number | null;

function column(name: string): RawBuilder<Value> {
  return sql<Value>`${sql.ref(`n.${name}`)}`;
}

/** A field of the JSON; those at their default are not in it (see `nodeFields`). */
function inJson(name: string, fallback: Value): RawBuilder<Value> {
  return sql<Value>`coalesce(json_extract(n.fields, ${sql.lit(`$.${name}`)}), ${sql.lit(fallback)})`;
}

function text(of: RawBuilder<Value>): RawBuilder<Value> {
  return sql<Value>`substr(${of}, 1, ${sql.lit(TEXT)})`;
}

const STORED_TEXT = [
  'description',
  'language',
  'license_description',
  'copyright_holder',
  'author',
  'provider',
  'aggregator',
  'role_visibility',
  'original_channel_id',
  'original_source_node_id',
  'source_channel_id',
  'source_node_id',
] as const;
const STORED_NUMBER = ['license', 'suggested_duration'] as const;
const OWN_ID = ['node_id', 'content_id'] as const;
const COLUMNS = [
  'id',
  'kind',
  'complete',
  'changed',
  'published',
  'modified',
  'total_count',
  'resource_count',
  'coach_count',
  'error_count',
];

/** Those that look alike to everybody. */
const FIELDS: ReadonlyMap<string, RawBuilder<Value>> = new Map([
  ...COLUMNS.map((name) => [name, column(name)] as const),
  ...STORED_TEXT.map((name) => [name, text(inJson(name, BLANK_NODE[name]))] as const),
  ...STORED_NUMBER.map((name) => [name, inJson(name, BLANK_NODE[name])] as const),
  ...OWN_ID.map((name) => [name, sql<Value>`coalesce(json_extract(n.fields, ${sql.lit(`$.${name}`)}), n.id)`] as const),
  ['title', text(column('title'))],
  ['parent_id', sql<Value>`p.id`],
  ['parent', sql<Value>`p.id`],
  ['channel_id', sql<Value>`c.id`],
  ['root_id', sql<Value>`c.id`],
  ['assessment_item_count', column('item_count')],
  ['has_children', sql<Value>`n.total_count > 0`],
  ['has_updated_descendants', sql<Value>`n.updated_count > 0`],
  ['has_new_descendants', sql<Value>`n.new_count > 0`],
]);

/**
 * A scalar field of a node that a list can be ordered by, as SQL over `nodeViews`, as the viewer is shown it; undefined
 * when there is none of this name. `lft` is not one of them.
 */
export function nodeField(name: string, viewer: User): RawBuilder<Value> | undefined {
  return name === 'original_channel_name' ? text(originName(viewer)) : FIELDS.get(name);
}
