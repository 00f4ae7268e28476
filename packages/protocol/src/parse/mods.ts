import type { Json } from '../json.ts';
import { fieldOf, isKeyMap, splitPath, type Mods } from '../path.ts';
import { check, type Checked, type Field } from './field.ts';
import type { Problems } from './problems.ts';
import type { Authority, TableDefinition } from './table/definition.ts';

const EMPTY_KEY = 'A key path has no empty keys.';

/** Flat key paths and new values, checked and normalised in the order given. */
export function parseMods(raw: object, table: TableDefinition, authority: Authority, problems: Problems): Mods {
  const fields = table.fields[authority];
  const mods: Mods = {};
  for (const [path, value] of Object.entries(raw) as [string, Json | undefined][]) {
    const name = fieldOf(path);
    const field = fields.get(name) ?? table.others?.(name);
    if (value === undefined) continue;
    if (!field) {
      if (splitPath(path).includes('')) problems.invalid(path, EMPTY_KEY);
      else problems.ignore(path);
    } else if (field.access !== 'open') {
      problems.add('read_only_field', path);
    } else if (value !== null || !isKeyMap(path)) {
      // A null for a whole label map means "no change".
      const checked = name === path ? check(field.value, value) : checkInside(field, path, value);
      if (checked.ok) mods[path] = checked.value;
      else problems.invalid(checked.at ? `${path}.${checked.at}` : path, checked.message);
    }
  }
  return mods;
}

function checkInside(field: Field, path: string, value: Json): Checked {
  if (!field.inside) return { ok: false, message: 'That field has nothing inside.' };
  const keys = splitPath(path).slice(1);
  return keys.includes('') ? { ok: false, message: EMPTY_KEY } : field.inside(keys, value);
}
