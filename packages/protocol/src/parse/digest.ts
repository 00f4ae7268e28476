import { normalizeId } from '../id.ts';
import { canonicalJson, isJsonObject, sortedKeys, type Json, type JsonObject } from '../json.ts';
import { typeOf } from './envelope.ts';

const IDS = new Set(['key', 'channel_id', 'target', 'from_key', 'parent']);

/**
 * The text whose digest tells whether a change sent again is the same one: everything but its `rev`, and nothing of how
 * it was spelled (order of keys, form of ids, number or name of the type). Takes any object, however hostile.
 */
export function changeDigestText(raw: object): string {
  let text = '';
  for (const name of sortedKeys(raw)) {
    const value = (raw as JsonObject)[name];
    if (name === 'rev' || value === undefined) continue;
    text += `${text && ','}${canonicalJson(name)}:${canonicalJson(spelled(name, value))}`;
  }
  return `{${text}}`;
}

function spelled(name: string, value: Json): Json {
  if (IDS.has(name)) return plain(value);
  if (name === 'type') return typeOf(value) ?? value;
  if (name !== 'obj' || !isJsonObject(value) || !Object.hasOwn(value, 'parent')) return value;
  const parent = plain(value.parent);
  return parent === value.parent ? value : { ...value, parent };
}

/** An id, or a pair of them, in its plain form; anything else as it is. */
function plain(value: Json | undefined): Json {
  if (Array.isArray(value) && value.length === 2) return value.map((part) => normalizeId(part) ?? part);
  return normalizeId(value) ?? value ?? null;
}
