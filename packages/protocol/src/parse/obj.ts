import { normalizeId } from '../id.ts';
import type { JsonObject } from '../json.ts';
import type { Key } from '../row.ts';
import { check } from './field.ts';
import type { Problems } from './problems.ts';
import type { Authority, TableDefinition } from './table/definition.ts';

/** The `obj` of a CREATED: its fields checked, normalised and under their names in the row. */
export function parseObj(
  raw: object,
  table: TableDefinition,
  authority: Authority,
  key: Key,
  problems: Problems,
): JsonObject {
  const fields = table.fields[authority];
  const required = table.required[authority];
  const obj: JsonObject = {};
  for (const [wire, value] of Object.entries(raw) as [string, unknown][]) {
    if (value === undefined) continue;
    const name = rowName(table, wire);
    if (name === 'id') {
      if (normalizeId(value) !== key) problems.invalid('id', 'The id in obj is not the key of the change.');
      continue;
    }
    const field = fields.get(name) ?? table.others?.(name);
    if (!field || field.access === 'closed') {
      problems.ignore(wire);
      continue;
    }
    if (value === null && (required.includes(name) || field.access === 'initial')) continue; // as if absent
    const checked = check(field.value, value);
    if (checked.ok) obj[name] = checked.value;
    else problems.invalid(checked.at ? `${wire}.${checked.at}` : wire, checked.message);
  }
  for (const name of required) if (isMissing(raw, table, name)) problems.missing(wireName(table, name));
  return obj;
}

function isMissing(raw: object, table: TableDefinition, name: string): boolean {
  return [name, wireName(table, name)].every(
    (key) => !Object.hasOwn(raw, key) || ((raw as JsonObject)[key] ?? null) === null,
  );
}

function rowName(table: TableDefinition, wire: string): string {
  return table.renamed && Object.hasOwn(table.renamed, wire) ? (table.renamed[wire] as string) : wire;
}

function wireName(table: TableDefinition, name: string): string {
  for (const [wire, renamed] of Object.entries(table.renamed ?? {})) if (renamed === name) return wire;
  return name;
}
