import {
  ERRORS,
  POSITIONS,
  TYPES,
  type AcknowledgedResult,
  type AppliedResult,
  type ErrorCode,
  type LogEntry,
  type ProtocolError,
  type RefusedResult,
  type SyncResponse,
} from '@cambium/protocol';
import { z } from 'zod';
import { channel, counter, file, id, item, json, member, node, prerequisite, role, time } from './rows.ts';

/** What is answered, by its name among the document's components. */

const rev = z.int().min(1);
const key = z.union([id, z.tuple([id, id])]);
const fields = z.record(z.string(), json);

const problem = z.strictObject({
  code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
  message: z.string(),
  field: z.string().exactOptional(),
  details: json.exactOptional(),
}) satisfies z.ZodType<ProtocolError>;

const entry = z.strictObject({
  server_rev: rev,
  client_id: id.nullable(),
  rev: rev.nullable(),
  user_id: id.nullable(),
  at: time,
  type: z.enum(TYPES),
  table: z.string(),
  key,
  channel_id: id,
  group: z.string().exactOptional(),
  obj: fields.exactOptional(),
  mods: fields.exactOptional(),
  from_key: id.exactOptional(),
  excluded_descendants: z.array(id).exactOptional(),
  target: id.exactOptional(),
  position: z.enum(POSITIONS).exactOptional(),
  parent: id.exactOptional(),
  after: id.nullable().exactOptional(),
  rows: z.array(z.strictObject({ table: z.string(), row: fields })).exactOptional(),
  rows_at: z.string().exactOptional(),
}) satisfies z.ZodType<LogEntry>;

const conflict = z.strictObject({
  path: z.string(),
  base: json,
  theirs: json,
  yours: json,
  theirs_rev: rev.nullable(),
});

const result = z.union([
  z.strictObject({
    rev,
    status: z.literal('applied'),
    server_rev: counter,
    conflicts: z.array(conflict).exactOptional(),
    adjusted: z.array(z.literal('position')).exactOptional(),
    ignored: z.array(z.string()).exactOptional(),
  }) satisfies z.ZodType<AppliedResult>,
  z.strictObject({
    rev,
    status: z.enum(['rejected', 'disallowed', 'failed']),
    errors: z.array(problem).min(1),
  }) satisfies z.ZodType<RefusedResult>,
  z.strictObject({ rev, status: z.literal('acknowledged') }) satisfies z.ZodType<AcknowledgedResult>,
]);

const sync = z.strictObject({
  results: z.array(result),
  changes: z.array(entry),
  channel_revs: z.record(id, counter),
  more: z.boolean(),
  server_id: id,
  last_rev: counter,
  unavailable: z.array(id).exactOptional(),
  snapshot_required: z.array(id).exactOptional(),
}) satisfies z.ZodType<SyncResponse>;

export const ANSWERS = {
  Error: z.strictObject({ error: problem }),
  /** tus has statuses and codes of its own. */
  UploadError: z.looseObject({ error: z.looseObject({ code: z.string(), message: z.string() }) }),
  Health: z.strictObject({ status: z.enum(['ok', 'failing']) }),
  SyncAnswer: sync,
  LogEntry: entry,
  LogPage: z.strictObject({ results: z.array(entry), more: z.boolean() }),
  Channel: channel,
  ChannelPage: z.strictObject({ results: z.array(channel), more: z.boolean() }),
  Publication: z.strictObject({ version: counter, published: counter, incomplete: counter }),
  Member: member,
  Members: z.array(member),
  Node: node,
  NodePage: z.strictObject({ results: z.array(node), more: z.record(z.string(), z.string()).nullable() }),
  Requisites: z.array(z.strictObject({ target_node: id, prerequisite: id })),
  Size: z.strictObject({ size: counter, stale: z.literal(false) }),
  NewUser: z.strictObject({ id, username: z.string(), token: z.string(), storage_limit: counter }),
  Me: z.strictObject({ id, username: z.string(), storage_limit: counter, storage_used: counter }),
  File: file,
  Files: z.array(file),
  KnownFiles: z.strictObject({ known: z.array(id) }),
  StoredFile: z.strictObject({ file }),
  Success: z.strictObject({ status: z.literal('success') }),
  UploadUrl: z.strictObject({
    url: z.string(),
    content_type: z.string(),
    expires_at: time,
    might_skip: z.boolean(),
    file,
    tus: z.strictObject({ endpoint: z.string(), metadata: z.record(z.string(), z.string()) }),
  }),
  SnapshotLine: z.union([
    z.strictObject({ channel_id: id, server_rev: counter, nodes: counter.nullable(), files: counter.nullable() }),
    z.strictObject({ table: z.literal('contentnode'), row: node }),
    z.strictObject({ table: z.literal('assessmentitem'), row: item }),
    z.strictObject({ table: z.literal('contentnode_prerequisite'), row: prerequisite }),
    z.strictObject({ table: z.literal('file'), row: file }),
    // Rows of the tables that an application registered.
    z.strictObject({
      table: z.string().regex(/^(?!(?:contentnode|contentnode_prerequisite|assessmentitem|file)$)[a-z][a-z0-9_]*$/),
      row: fields,
    }),
    z.strictObject({ end: z.literal(true), nodes: counter, files: counter }),
  ]),
  CopiedRow: z.strictObject({ table: z.string(), row: fields }),
  RevEvent: z.strictObject({ channel_id: id, server_rev: counter }),
  ChannelEvent: z.strictObject({ channel_id: id, role: role.nullable() }),
  CommandResult: z.strictObject({ result: json }),
  Document: z.looseObject({ openapi: z.string() }),
} as const satisfies Record<string, z.ZodType>;

export type AnswerName = keyof typeof ANSWERS;
