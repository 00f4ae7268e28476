import {
  applyMods,
  BLANK_CHANNEL,
  BLANK_FILE,
  BLANK_ITEM,
  BLANK_NODE,
  type Json,
  type JsonObject,
  type Mods,
  type Rows,
  type Table,
} from '@cambium/protocol';

/** What a field has when its author unset it; null for every other. */
const DEFAULTS: Record<Table, Record<string, unknown>> = {
  channel: { ...BLANK_CHANNEL, name: '' },
  contentnode: { ...BLANK_NODE, title: '' },
  contentnode_prerequisite: {},
  assessmentitem: BLANK_ITEM,
  file: BLANK_FILE,
  app_row: {},
};

/** The fields that have a value, without the one named: null and absent mean the same, so defaults show through. */
export function withoutNulls(obj: JsonObject, except: string): JsonObject {
  const fields: JsonObject = {};
  for (const key of Object.keys(obj)) {
    const value = obj[key] as Json;
    if (value !== null && key !== except) fields[key] = value;
  }
  return fields;
}

/** The fields of a row that `mods` change, with their new values. */
export function patchOf<T extends Table>(table: T, row: Readonly<Rows[T]>, mods: Mods): Partial<Rows[T]> {
  const fields = applyMods(row, mods);
  for (const key of Object.keys(fields)) {
    if (fields[key] === null) fields[key] = (DEFAULTS[table][key] ?? null) as Json;
  }
  return fields as Partial<Rows[T]>;
}
