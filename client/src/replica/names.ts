import { isJsonObject, keyText, type Key, normalizeId, storedTable, TABLES, type Table } from '@cambium/protocol';
import type { RawChange } from '../database/records.ts';

/** Fields of a change, or of its `obj` and `mods`, whose value is the id of a row that the change builds on. */
const ID_FIELDS = ['target', 'from_key', 'parent', 'contentnode', 'assessment_item'];

/** The rows that changes name, by table: what they are about, and beside or under what they put it. */
export function namedIds(changes: readonly RawChange[]): Map<Table, string[]> {
  const named = new Map<Table, Set<string>>(TABLES.map((table) => [table, new Set<string>()]));
  for (const change of changes) {
    named.get(storedTable(change.table))?.add(keyText(change['key'] as Key));
    for (const id of idsNamed(change))
      if (change.table !== 'file' || id !== change['key']) named.get('contentnode')?.add(id);
  }
  return new Map([...named].filter(([, keys]) => keys.size > 0).map(([table, keys]) => [table, [...keys]]));
}

/** Every id that a change names. */
export function idsNamed(change: RawChange): string[] {
  const ids = new Set<string>();
  for (const id of [change['key']].flat()) ids.add(id as string);
  if (change.table === 'channel') ids.add(change.channel_id);
  for (const part of [change, change['obj'], change['mods']]) {
    if (!isJsonObject(part)) continue;
    for (const field of ID_FIELDS) {
      const id = normalizeId(part[field]);
      if (id !== null) ids.add(id);
    }
  }
  return [...ids];
}

export function isTable(name: string): name is Table {
  return (TABLES as readonly string[]).includes(name);
}

/** The row that a change is about, as one text. */
export function rowNamed(change: RawChange): string {
  return `${storedTable(change.table)}:${keyText(change['key'] as Key)}`;
}
