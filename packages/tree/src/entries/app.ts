import { applyMods, type AppRow, type Id, type JsonObject } from '@cambium/protocol';
import type { Effect } from '../effect.ts';
import type { TreeReader } from '../reader.ts';
import { withoutNulls } from '../rows/fields.ts';
import { need, type Entry } from './entry.ts';

const table = 'app_row';

/** Rows of an application's table hang on nothing: they stay until they are deleted, or their channel is. */
export function appEffects(entry: Entry, reader: TreeReader): Effect[] {
  const key = entry.key as Id;
  if (entry.type === 'CREATED') {
    const { created_by, ...fields } = need(entry, 'obj');
    const of = { id: key, channel_id: need(entry, 'channel_id'), table: entry.table };
    const row: AppRow = { ...of, created_by: created_by as Id, fields, modified: entry.at };
    return [{ effect: 'put', table, row }];
  }
  const row = reader.row(table, key);
  if (row === undefined || row.channel_id !== entry.channel_id || row.table !== entry.table) return [];
  switch (entry.type) {
    case 'UPDATED': {
      const fields = laidOver(row.fields, need(entry, 'mods'));
      return [{ effect: 'patch', table, key, fields: { fields, modified: entry.at } }];
    }
    case 'DELETED':
      return [{ effect: 'drop', table, key }];
    default:
      throw new Error(`no entry of ${entry.table} has the type ${entry.type}`);
  }
}

/** Each path gets its value; a field that is null is not there. */
export function laidOver(fields: JsonObject, mods: JsonObject): JsonObject {
  return withoutNulls({ ...fields, ...applyMods(fields, mods) }, '');
}
