import {
  isEqualJson,
  isJsonObject,
  protocolError,
  validateRow,
  type AppRow,
  type AppTable,
  type Change,
  type CreatedChange,
  type Id,
  type Json,
  type JsonObject,
  type Mods,
  type UpdatedChange,
} from '@cambium/protocol';
import { laidOver } from '../entries/app.ts';
import type { Context, Outcome } from '../outcome.ts';
import type { TreeReader } from '../reader.ts';
import { withoutNulls } from '../rows/fields.ts';
import { conflictsOf } from './conflicts.ts';
import { draft } from './draft.ts';
import { find } from './find.ts';
import { isRefused, refuse, type Refused } from './refuse.ts';

/** A change of a table that an application registered: its own schema and merge rule judge the fields. */
export function changeAppRow(change: Change, table: AppTable, context: Context, reader: TreeReader): Outcome {
  switch (change.type) {
    case 'CREATED':
      return createRow(change, table, context, reader);
    case 'UPDATED':
      return updateRow(change, table, context, reader);
    case 'DELETED': {
      const row = findRow(change, reader);
      const isTrouble = isRefused(row) && row.errors[0]?.code !== 'not_found';
      return isTrouble ? row : { ok: true, entries: [draft(change, {})] };
    }
    default:
      return refuse('unknown_type', 'type');
  }
}

function createRow(change: CreatedChange, table: AppTable, context: Context, reader: TreeReader): Outcome {
  const key = change.key as Id;
  const { channel_id } = change;
  if (reader.availability(change.table, key, channel_id) !== 'free') return refuse('already_exists', 'key');
  const row: AppRow = {
    id: key,
    channel_id,
    table: change.table,
    created_by: context.user,
    fields: change.obj,
    modified: context.at,
  };
  const fields = check(table, row, change.obj);
  if (isRefused(fields)) return fields;
  return { ok: true, entries: [draft(change, { obj: { ...fields, created_by: context.user } })] };
}

/** The entry says which fields have other values now, so readers need neither the schema nor the merge rule. */
function updateRow(change: UpdatedChange, table: AppTable, context: Context, reader: TreeReader): Outcome {
  const row = findRow(change, reader);
  if (isRefused(row)) return row;
  const merged = table.merge?.(row.fields, change.mods) ?? laidOver(row.fields, change.mods);
  const fields = check(table, { ...row, modified: context.at }, merged);
  if (isRefused(fields)) return fields;
  const conflicts = table.merge ? [] : conflictsOf(row.fields, fields, change.base);
  const outcome: Outcome = { ok: true, entries: [draft(change, { mods: difference(row.fields, fields) })] };
  return conflicts.length > 0 ? { ...outcome, conflicts } : outcome;
}

function findRow(change: Change, reader: TreeReader): Readonly<AppRow> | Refused {
  const row = find('app_row', change.key as Id, change.channel_id, reader, 'key');
  return isRefused(row) || row.table === change.table ? row : refuse('not_found', 'key');
}

/** The fields as the schema normalises them. */
function check(table: AppTable, row: AppRow, said: JsonObject): JsonObject | Refused {
  const parsed = table.schema.safeParse(withoutNulls(said, ''));
  if (!parsed.success) {
    const errors = parsed.error.issues.map(({ path, message }) =>
      protocolError('invalid_value', { field: path.map(String).join('.'), message }),
    );
    return { ok: false, errors };
  }
  // Only what JSON can say is stored and sent.
  const data = JSON.parse(JSON.stringify(parsed.data)) as Json;
  if (!isJsonObject(data)) throw new Error(`the schema of ${table.name} makes no object`);
  const fields = withoutNulls(data, '');
  const errors = validateRow('app_row', { ...row, fields });
  return errors.length > 0 ? { ok: false, errors } : fields;
}

function difference(before: JsonObject, after: JsonObject): Mods {
  const mods: Mods = {};
  for (const name of Object.keys(before)) if (!Object.hasOwn(after, name)) mods[name] = null;
  for (const [name, value] of Object.entries(after)) if (!isEqualJson(before[name], value)) mods[name] = value;
  return mods;
}
