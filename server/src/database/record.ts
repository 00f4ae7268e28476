import {
  BLANK_NODE,
  WHOLE_NODE,
  type ChannelRow,
  type FileRow,
  type Id,
  type ItemRow,
  type Json,
  type NodeRow,
} from '@cambium/protocol';
import type { Selectable } from 'kysely';
import type { Schema } from './schema.ts';

export type NodeRecord = Selectable<Schema['node']>;
export type ItemRecord = Selectable<Schema['assessmentitem']>;
export type FileRecord = Selectable<Schema['file']>;
export type ChannelRecord = Selectable<Schema['channel']>;

/** Fields of NodeRow with a column of their own, or that follow from the place in the tree. */
const NODE_COLUMNS = new Set<string>([
  'id',
  'channel_id',
  'parent_id',
  'kind',
  'title',
  'complete',
  'changed',
  'published',
  'modified',
]);

const BLANK: Readonly<Record<string, unknown>> = BLANK_NODE;

/** Rows mostly have their fields in this order: then what each need not say is found by its index. */
const USUAL_KEYS = Object.keys(WHOLE_NODE);
const COLUMN = Symbol('a column of its own');
const USUAL_VALUES: readonly unknown[] = USUAL_KEYS.map((key) => (NODE_COLUMNS.has(key) ? COLUMN : BLANK[key]));

/**
 * Does the row say nothing beside its columns, as most rows of an import? Named one by one the fields are compared three
 * times as fast as in a loop over them; a test holds that none is missing.
 */
function isPlain(row: NodeRow): boolean {
  return (
    row.description === BLANK_NODE.description &&
    row.license === BLANK_NODE.license &&
    row.language === BLANK_NODE.language &&
    row.license_description === BLANK_NODE.license_description &&
    row.copyright_holder === BLANK_NODE.copyright_holder &&
    row.author === BLANK_NODE.author &&
    row.provider === BLANK_NODE.provider &&
    row.aggregator === BLANK_NODE.aggregator &&
    row.role_visibility === BLANK_NODE.role_visibility &&
    row.thumbnail_encoding === BLANK_NODE.thumbnail_encoding &&
    row.extra_fields === BLANK_NODE.extra_fields &&
    row.suggested_duration === BLANK_NODE.suggested_duration &&
    row.tags === BLANK_NODE.tags &&
    row.grade_levels === BLANK_NODE.grade_levels &&
    row.resource_types === BLANK_NODE.resource_types &&
    row.learning_activities === BLANK_NODE.learning_activities &&
    row.accessibility_labels === BLANK_NODE.accessibility_labels &&
    row.categories === BLANK_NODE.categories &&
    row.learner_needs === BLANK_NODE.learner_needs &&
    row.original_channel_id === BLANK_NODE.original_channel_id &&
    row.original_source_node_id === BLANK_NODE.original_source_node_id &&
    row.source_channel_id === BLANK_NODE.source_channel_id &&
    row.source_node_id === BLANK_NODE.source_node_id &&
    row.node_id === row.id &&
    row.content_id === row.id
  );
}

/**
 * The JSON of the fields without a column. Those at their default are left out, and so are `node_id` and `content_id`
 * while they are the row's own id: most rows then take few bytes.
 */
export function nodeFields(row: NodeRow): string {
  if (isPlain(row)) return '{}';
  let fields: Record<string, Json> | undefined;
  let index = -1;
  for (const key in row) {
    const value = row[key as keyof NodeRow];
    index += 1;
    // Most values are the shared defaults themselves.
    if (key === USUAL_KEYS[index]) {
      const usual = USUAL_VALUES[index];
      if (value === usual || usual === COLUMN) continue;
    }
    if ((key === 'node_id' || key === 'content_id') && value === row.id) continue;
    if (value === undefined || NODE_COLUMNS.has(key) || isBlank(key, value)) continue;
    (fields ??= {})[key] = value;
  }
  return fields ? JSON.stringify(fields) : '{}';
}

/** A node less what is at its default: as `nodeFields`, with the columns. `wholeNode` puts it together again. */
export function leanNode(row: NodeRow): Partial<NodeRow> & Pick<NodeRow, 'id'> {
  const lean: Record<string, unknown> = {};
  for (const key in row) {
    const value = row[key as keyof NodeRow];
    if (value === undefined || (key in BLANK && isBlank(key, value))) continue;
    if ((key === 'node_id' || key === 'content_id') && value === row.id) continue;
    lean[key] = value;
  }
  return lean as Partial<NodeRow> & Pick<NodeRow, 'id'>;
}

export function wholeNode(lean: Partial<NodeRow> & Pick<NodeRow, 'id'>): NodeRow {
  return { ...WHOLE_NODE, node_id: lean.id, content_id: lean.id, ...lean };
}

function isBlank(key: string, value: unknown): boolean {
  const blank = BLANK[key];
  if (typeof blank !== 'object' || blank === null) return value === blank;
  if (typeof value !== 'object' || value === null) return false;
  for (const _ in value) return false;
  return true;
}

/** A node as the protocol has it; the ids of its parent and channel are the caller's to know. */
export function nodeRow(
  record: Pick<NodeRecord, 'id' | 'kind' | 'title' | 'complete' | 'changed' | 'published' | 'modified' | 'fields'>,
  parent: Id | null,
  channel: Id,
): NodeRow {
  const row: NodeRow = { ...WHOLE_NODE };
  row.node_id = record.id;
  row.content_id = record.id;
  if (record.fields !== '{}') Object.assign(row, JSON.parse(record.fields));
  row.id = record.id;
  row.channel_id = channel;
  row.parent_id = parent;
  row.kind = record.kind as NodeRow['kind'];
  row.title = record.title;
  row.complete = record.complete === 1;
  row.changed = record.changed === 1;
  row.published = record.published === 1;
  row.modified = record.modified;
  return row;
}

export function itemRow(record: ItemRecord, channel: Id): ItemRow {
  return {
    ...(JSON.parse(record.fields) as Omit<ItemRow, 'id' | 'channel_id' | 'contentnode' | 'order' | 'modified'>),
    id: record.id,
    channel_id: channel,
    contentnode: record.contentnode,
    order: record.ord,
    modified: record.modified,
  };
}

export function itemFields(row: ItemRow): string {
  const { id: _id, channel_id: _channel, contentnode: _node, order: _order, modified: _modified, ...fields } = row;
  return JSON.stringify(fields);
}

export function fileRow(record: FileRecord, channel: Id | null, uploader: Id): FileRow {
  const { pk: _pk, rev: _rev, channel: _channel, uploaded_by: _user, uploaded, ...same } = record;
  return { ...same, channel_id: channel, uploaded_by: uploader, uploaded: uploaded === 1 };
}

export function channelRow(record: Pick<ChannelRecord, 'id' | 'name' | 'fields'>): ChannelRow {
  return { ...(JSON.parse(record.fields) as Omit<ChannelRow, 'id' | 'name'>), id: record.id, name: record.name };
}

export function channelFields(row: ChannelRow): string {
  const { id: _id, name: _name, ...fields } = row;
  return JSON.stringify(fields);
}
