import {
  BLANK_CHANNEL,
  BLANK_NODE,
  type ChannelRow,
  isJsonObject,
  type Json,
  type JsonObject,
  type NodeRow,
  type Table,
} from '@cambium/protocol';
import type { StoredRow } from '../database/rows.ts';

/** Fields of a node without a default of their own. */
const NODE_FIELDS = [
  'id',
  'channel_id',
  'parent_id',
  'kind',
  'title',
  'node_id',
  'content_id',
  'complete',
  'changed',
  'published',
  'modified',
  ...Object.keys(BLANK_NODE),
] as const;

const CHANNEL_FIELDS = ['id', 'name', 'created', 'modified', ...Object.keys(BLANK_CHANNEL)] as const;

/** The stored form of a row of a snapshot: what is derived is left out, tags are a set again. */
export function rowFromRest(table: Table, rest: JsonObject): StoredRow {
  if (table === 'contentnode') return nodeFromRest(rest) as unknown as StoredRow;
  return table === 'channel' ? (channelFromRest(rest) as unknown as StoredRow) : rest;
}

function nodeFromRest(rest: JsonObject): NodeRow {
  const tags = rest['tags'];
  const row = pick(rest, NODE_FIELDS, BLANK_NODE);
  return { ...row, tags: Array.isArray(tags) ? setOf(tags) : isJsonObject(tags) ? tags : {} } as unknown as NodeRow;
}

export function channelFromRest(rest: JsonObject): ChannelRow {
  return pick(rest, CHANNEL_FIELDS, BLANK_CHANNEL) as unknown as ChannelRow;
}

function pick(rest: JsonObject, fields: readonly string[], blank: object): JsonObject {
  const row: JsonObject = {};
  for (const field of fields) row[field] = rest[field] ?? ((blank as JsonObject)[field] as Json) ?? null;
  return row;
}

function setOf(names: Json[]): JsonObject {
  return Object.fromEntries(names.filter((name) => typeof name === 'string').map((name) => [name, true]));
}
