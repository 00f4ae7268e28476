import {
  KINDS,
  type ChannelRow,
  type FileRow,
  type ItemRow,
  type Json,
  type JsonObject,
  type NodeRow,
  type PrerequisiteRow,
  type Role,
} from '@cambium/protocol';
import { z } from 'zod';

/** Rows as they are answered. Each is held to the type of the row that it shows. */

export const id = z.string().regex(/^[0-9a-f]{32}$/);
export const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
export const counter = z.int().min(0);
export const object: z.ZodType<JsonObject> = z.record(z.string(), z.json() as z.ZodType<Json>);
export const json: z.ZodType<Json> = z.unknown() as unknown as z.ZodType<Json>;
const names: z.ZodType<JsonObject> = z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonObject>;
const url = z.string();

const provenance = {
  original_channel_id: id.nullable(),
  original_source_node_id: z.string().nullable(),
  source_channel_id: id.nullable(),
  source_node_id: z.string().nullable(),
};

const storedNode = z.strictObject({
  id,
  channel_id: id,
  parent_id: id.nullable(),
  kind: z.enum(KINDS),
  title: z.string(),
  description: z.string(),
  language: z.string().nullable(),
  license: z.int().nullable(),
  license_description: z.string().nullable(),
  copyright_holder: z.string(),
  author: z.string(),
  provider: z.string(),
  aggregator: z.string(),
  role_visibility: z.enum(['learner', 'coach']),
  thumbnail_encoding: json,
  extra_fields: names,
  suggested_duration: z.int().nullable(),
  tags: names,
  grade_levels: names,
  resource_types: names,
  learning_activities: names,
  accessibility_labels: names,
  categories: names,
  learner_needs: names,
  node_id: id,
  content_id: id,
  ...provenance,
  complete: z.boolean(),
  changed: z.boolean(),
  published: z.boolean(),
  modified: time,
}) satisfies z.ZodType<NodeRow>;

/** A node with its tags as names, and what is derived of other rows. */
export const node = storedNode.extend({
  tags: z.array(z.string()),
  root_id: id,
  total_count: counter,
  resource_count: counter,
  coach_count: counter,
  error_count: counter,
  assessment_item_count: counter,
  has_children: z.boolean(),
  has_updated_descendants: z.boolean(),
  has_new_descendants: z.boolean(),
  original_channel_name: z.string().nullable(),
  thumbnail_src: url.nullable(),
});

export const role = z.enum(['viewer', 'editor', 'owner']) satisfies z.ZodType<Role>;

const storedChannel = z.strictObject({
  id,
  name: z.string(),
  description: z.string(),
  language: z.string().nullable(),
  thumbnail: z.string().nullable(),
  thumbnail_encoding: json,
  content_defaults: names,
  published: z.boolean(),
  version: counter,
  last_published: time.nullable(),
  created: time,
  modified: time,
}) satisfies z.ZodType<ChannelRow>;

/** A channel with the reader's role in it and the rev where its log ends. */
export const channel = storedChannel.extend({ role: role.nullable(), server_rev: counter });

export const member = z.strictObject({ user_id: id, username: z.string(), role });

export const file = z.strictObject({
  id,
  channel_id: id.nullable(),
  contentnode: id.nullable(),
  assessment_item: id.nullable(),
  checksum: z.string().regex(/^(?:[0-9a-f]{32})?$/),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  file_size: counter.nullable(),
  file_format: z.string(),
  preset: z.string().nullable(),
  language: z.string().nullable(),
  original_filename: z.string(),
  duration: z.number().nullable(),
  uploaded_by: id,
  uploaded: z.boolean(),
  mime_type: z.string(),
  url: url.nullable(),
  modified: time,
}) satisfies z.ZodType<FileRow>;

export const item = z.strictObject({
  id,
  channel_id: id,
  contentnode: id,
  assessment_id: id,
  type: z.string(),
  question: z.string(),
  answers: z.array(json),
  hints: z.array(json),
  order: z.int(),
  randomize: z.boolean(),
  raw_data: z.string(),
  source_url: z.string().nullable(),
  modified: time,
}) satisfies z.ZodType<ItemRow>;

export const prerequisite = z.strictObject({
  target_node: id,
  prerequisite: id,
  channel_id: id,
}) satisfies z.ZodType<PrerequisiteRow>;
