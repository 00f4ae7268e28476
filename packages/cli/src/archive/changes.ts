import { derivedId, isJsonObject, tableNamed, type Id, type Json, type JsonObject } from '@cambium/protocol';
import type { Line, Manifest } from './format.ts';

/** A change before it has a rev and a channel. */
export type Draft = { type: string; table: string; key: Json } & JsonObject;

/**
 * The changes that make an exported channel anew as `channel`: under its own id with all its own ids, under another
 * one with ids derived from both, so that the same import always makes the same rows. `content_id` stays: it says
 * what a resource is, wherever it stands. What is the server's to say (counts, provenance, `complete`) is left to it.
 */
export function* changesOf(manifest: Manifest, rows: readonly Line[], channel: Id): Generator<Draft> {
  const from = manifest.channel_id;
  yield { type: 'CREATED', table: 'channel', key: channel, obj: said('channel', 'CREATED', manifest.channel) };
  const rename = renaming(from, channel, rows);
  for (const { table, row: exported } of rows) {
    const row = rename(exported);
    if (table === 'file' && exported['uploaded'] !== true) continue;
    if (table === 'contentnode') yield nodeChange({ ...row, content_id: exported['content_id'] ?? null });
    else if (table === 'contentnode_prerequisite') {
      yield { type: 'CREATED', table, key: [row['target_node'] ?? null, row['prerequisite'] ?? null] };
    } else yield { type: 'CREATED', table, key: row['id'] ?? null, obj: said(table, 'CREATED', row) };
  }
}

function nodeChange(row: JsonObject): Draft {
  const table = 'contentnode';
  const names = Array.isArray(row['tags']) ? row['tags'] : [];
  const tags = Object.fromEntries(names.map((name) => [name as string, true]));
  const full = { ...row, tags };
  // The root comes with the channel.
  if (row['parent_id'] === null) {
    const { title: _title, ...mods } = said(table, 'UPDATED', full);
    return { type: 'UPDATED', table, key: row['id'] ?? null, mods };
  }
  const obj = { ...said(table, 'CREATED', full), parent: row['parent_id'] ?? null };
  return { type: 'CREATED', table, key: row['id'] ?? null, obj };
}

/** Fields that the server judges, whatever an author says. */
const JUDGED = new Set(['complete', 'changed']);
/** What the engine itself says of a row of an application's table. */
const ENGINE = new Set(['id', 'channel_id', 'created_by', 'modified']);

/** The fields of a row that an author may say. */
function said(table: string, type: 'CREATED' | 'UPDATED', row: JsonObject): JsonObject {
  const fields = tableNamed(table)?.fields.user;
  const may = (name: string): boolean => {
    if (JUDGED.has(name)) return false;
    const access = fields?.get(name)?.access;
    if (access === undefined) return !fields?.has('id') && !ENGINE.has(name);
    return access === 'open' || (access === 'initial' && type === 'CREATED');
  };
  return Object.fromEntries(Object.entries(row).filter(([name]) => may(name)));
}

/** Puts new ids in place of the old ones, wherever in a row they stand. */
function renaming(from: Id, to: Id, rows: readonly Line[]): (row: JsonObject) => JsonObject {
  if (from === to) return (row) => row;
  const ids = new Map<string, Id>([[from, to]]);
  for (const { row } of rows) {
    const id = row['id'];
    if (typeof id === 'string' && id !== from) ids.set(id, derivedId(to, id));
  }
  const rename = (value: Json): Json => {
    if (typeof value === 'string') return ids.get(value) ?? value;
    if (Array.isArray(value)) return value.map(rename);
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [ids.get(key) ?? key, rename(inner)]));
  };
  return (row) => rename(row) as JsonObject;
}
