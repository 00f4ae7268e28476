import type { Id } from './id.ts';
import type { Json, JsonObject } from './json.ts';
import type { Kind } from './vocabulary.ts';

/** A set of names: tags, or the labels of one kind. */
export type NameSet = Record<string, Json>;

/**
 * What is stored of a content node and travels in the log. Counts, `has_children` and the like are derived by whoever
 * reads and never logged. Sibling order is no field: it is told by `parent` and `after` of log entries.
 */
export interface NodeRow {
  id: Id;
  channel_id: Id;
  /** Null for the root of a channel alone. */
  parent_id: Id | null;
  kind: Kind;
  title: string;
  description: string;
  language: string | null;
  license: number | null;
  license_description: string | null;
  copyright_holder: string;
  author: string;
  provider: string;
  aggregator: string;
  role_visibility: 'learner' | 'coach';
  thumbnail_encoding: Json;
  extra_fields: JsonObject;
  suggested_duration: number | null;
  tags: NameSet;
  grade_levels: NameSet;
  resource_types: NameSet;
  learning_activities: NameSet;
  accessibility_labels: NameSet;
  categories: NameSet;
  learner_needs: NameSet;
  node_id: Id;
  content_id: Id;
  original_channel_id: Id | null;
  original_source_node_id: Id | null;
  source_channel_id: Id | null;
  source_node_id: Id | null;
  /** The server's judgement by the rules of completeness. */
  complete: boolean;
  /** Changed since it was last published. */
  changed: boolean;
  published: boolean;
  /** `at` of the entry that last changed this row. */
  modified: string;
}

export interface ChannelRow {
  /** Also the id of its root node. */
  id: Id;
  name: string;
  description: string;
  language: string | null;
  thumbnail: string | null;
  thumbnail_encoding: Json;
  content_defaults: JsonObject;
  published: boolean;
  version: number;
  last_published: string | null;
  created: string;
  modified: string;
}

export interface PrerequisiteRow {
  target_node: Id;
  prerequisite: Id;
  channel_id: Id;
}

export interface ItemRow {
  id: Id;
  channel_id: Id;
  contentnode: Id;
  assessment_id: Id;
  type: string;
  question: string;
  answers: Json[];
  hints: Json[];
  order: number;
  randomize: boolean;
  raw_data: string;
  source_url: string | null;
  modified: string;
}

export interface FileRow {
  id: Id;
  /** The channel in whose log it stands: that of the node or item it is attached to; null while unattached. */
  channel_id: Id | null;
  contentnode: Id | null;
  assessment_item: Id | null;
  /** MD5, 32 hex digits; empty for an upload that declared none and is not finished. */
  checksum: string;
  /** SHA-256, 64 hex digits; null until declared or uploaded. */
  sha256: string | null;
  /** Bytes; null while an upload of deferred length runs. */
  file_size: number | null;
  file_format: string;
  preset: string | null;
  language: string | null;
  original_filename: string;
  /** Seconds, of audio and video only. */
  duration: number | null;
  uploaded_by: Id;
  /** Verified and durable. */
  uploaded: boolean;
  mime_type: string;
  /** A capability: whoever has it may read the bytes. A path, made absolute on delivery; null until uploaded. */
  url: string | null;
  modified: string;
}

/** A row of whatever table an application registered. */
export interface AppRow {
  id: Id;
  channel_id: Id;
  /** The name under which changes and log know its table. */
  table: string;
  /** Who made it. */
  created_by: Id;
  fields: JsonObject;
  modified: string;
}

/** The rows that stores hold, by table. */
export interface Rows {
  channel: ChannelRow;
  contentnode: NodeRow;
  contentnode_prerequisite: PrerequisiteRow;
  assessmentitem: ItemRow;
  file: FileRow;
  /** All tables of applications together. No change or entry bears this name: see `storedTable`. */
  app_row: AppRow;
}
export type Table = keyof Rows;
export type Row = Rows[Table];
export const TABLES = [
  'channel',
  'contentnode',
  'contentnode_prerequisite',
  'assessmentitem',
  'file',
  'app_row',
] as const satisfies readonly Table[];

/** The key of a row: its id, or the pair `[target_node, prerequisite]`. */
export type Key = Id | [Id, Id];

/** A key as one string, for maps and indexes. */
export function keyText(key: Key): string {
  return typeof key === 'string' ? key : key.join(':');
}
