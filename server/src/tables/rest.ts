import type { FileRow, Id, ItemRow, Json, JsonObject, NodeRow, PrerequisiteRow } from '@cambium/protocol';
import { WHOLE_NODE, isJsonObject } from '@cambium/protocol';
import { fileRow, itemRow, nodeRow, type FileRecord, type ItemRecord, type NodeRecord } from '../database/record.ts';

/** What a node's REST form says beyond its stored row: derived from other rows, never logged. */
export interface NodeDerived {
  total_count: number;
  resource_count: number;
  coach_count: number;
  error_count: number;
  has_updated_descendants: boolean;
  has_new_descendants: boolean;
  assessment_item_count: number;
  original_channel_name: string | null;
  /** URL path of the first thumbnail file, or null. */
  thumbnail_url: string | null;
}

/** A node as `nodeViews` (view.ts) selects it. */
export interface NodeView extends NodeRecord {
  parent_id: Id | null;
  channel_id: Id;
  /** As `originName` has it. */
  original_channel_name: string | null;
  thumbnail_url: string | null;
}

/**
 * Every field of the REST form, in its order: to copy it and set fields costs a microsecond, to add a dozen to a row
 * costs V8 of Node 20 twenty.
 */
const WHOLE: JsonObject = {
  ...(WHOLE_NODE as unknown as JsonObject),
  tags: [],
  root_id: '',
  total_count: 0,
  resource_count: 0,
  coach_count: 0,
  error_count: 0,
  has_updated_descendants: false,
  has_new_descendants: false,
  assessment_item_count: 0,
  original_channel_name: null,
  has_children: false,
  thumbnail_src: null,
};

/** The REST and snapshot form of a node: stored fields, `tags` as names, and everything derived. */
export function nodeRest(row: NodeRow, derived: NodeDerived): JsonObject {
  const rest: JsonObject = Object.assign({ ...WHOLE }, row);
  rest['tags'] = Object.keys(row.tags);
  rest['root_id'] = row.channel_id;
  rest['total_count'] = derived.total_count;
  rest['resource_count'] = derived.resource_count;
  rest['coach_count'] = derived.coach_count;
  rest['error_count'] = derived.error_count;
  rest['has_updated_descendants'] = derived.has_updated_descendants;
  rest['has_new_descendants'] = derived.has_new_descendants;
  rest['assessment_item_count'] = derived.assessment_item_count;
  rest['original_channel_name'] = derived.original_channel_name;
  rest['has_children'] = derived.total_count > 0;
  rest['thumbnail_src'] = thumbnailSource(row.thumbnail_encoding) ?? derived.thumbnail_url;
  return rest;
}

/** The same from a record of the database. */
export function nodeToRest(view: NodeView): JsonObject {
  return nodeRest(nodeRow(view, view.parent_id, view.channel_id), {
    total_count: view.total_count,
    resource_count: view.resource_count,
    coach_count: view.coach_count,
    error_count: view.error_count,
    has_updated_descendants: view.updated_count > 0,
    has_new_descendants: view.new_count > 0,
    assessment_item_count: view.item_count,
    original_channel_name: view.original_channel_name,
    thumbnail_url: view.thumbnail_url,
  });
}

/** The picture inside a thumbnail encoding: `{base64: "data:…"}`, or that as JSON text, or the data URL itself. */
function thumbnailSource(encoding: Json): string | null {
  if (isJsonObject(encoding)) return typeof encoding['base64'] === 'string' ? encoding['base64'] : null;
  if (typeof encoding !== 'string' || encoding === '') return null;
  const inner = /"base64"\s*:\s*"([^"\\]+)"/.exec(encoding)?.[1];
  return inner ?? (encoding.startsWith('data:') ? encoding : null);
}

/** A file as `fileViews` (view.ts) selects it: with outer ids in place of keys. */
export interface FileView extends FileRecord {
  channel_id: Id | null;
  uploader: Id;
}

/** `url` is a path from the root of the server; whoever answers makes it absolute. */
export function fileToRest(view: FileView): JsonObject & FileRow {
  const { channel_id, uploader, ...record } = view;
  return fileRow(record, channel_id, uploader) as JsonObject & FileRow;
}

export interface ItemView extends ItemRecord {
  channel_id: Id;
}

export function itemToRest(view: ItemView): JsonObject {
  return itemRow(view, view.channel_id) as unknown as JsonObject;
}

export function prerequisiteToRest(row: PrerequisiteRow): JsonObject {
  return { target_node: row.target_node, prerequisite: row.prerequisite, channel_id: row.channel_id };
}

/** What the REST form of an item is made of when it comes from a replayed log. */
export function rowToRest(row: ItemRow | FileRow): JsonObject {
  return row as unknown as JsonObject;
}
