import { normalizeId } from '../id.ts';
import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../json.ts';
import { typeOf } from './envelope.ts';

const IDS = ['channel_id', 'target', 'from_key', 'parent'];

/**
 * The text whose digest tells whether a change sent again is the same one: everything but its `rev`, and nothing of how
 * it was spelled (order of keys, form of ids, number or name of the type). Takes any object, however hostile.
 */
export function changeDigestText(raw: object): string {
  const { rev: _rev, ...rest } = raw as JsonObject;
  const type = typeOf(rest.type);
  if (type !== null) rest.type = type;
  if (Object.hasOwn(rest, 'key')) rest.key = plain(rest.key);
  for (const name of IDS) if (Object.hasOwn(rest, name)) rest[name] = plain(rest[name]);
  if (isJsonObject(rest.obj) && Object.hasOwn(rest.obj, 'parent'))
    rest.obj = { ...rest.obj, parent: plain(rest.obj.parent) };
  return canonicalJson(rest);
}

/** An id, or a pair of them, in its plain form; anything else as it is. */
function plain(value: Json | undefined): Json {
  if (Array.isArray(value) && value.length === 2) return value.map((part) => normalizeId(part) ?? part);
  return normalizeId(value) ?? value ?? null;
}
