import type { ChangeType } from '../../change.ts';
import type { JsonObject } from '../../json.ts';
import type { Key } from '../../row.ts';
import type { Field } from '../field.ts';
import type { Problems } from '../problems.ts';

/** Whose word a change is: `system` may set what is the server's own. */
export type Authority = 'user' | 'system';

/** What changes of a table may say. */
export interface TableDefinition {
  readonly types: readonly ChangeType[];
  readonly key: 'id' | 'pair';
  /** What each author may say, by the name of the field on the wire. */
  readonly fields: Readonly<Record<Authority, ReadonlyMap<string, Field>>>;
  /** Fields without which there is no CREATED. */
  readonly required: Readonly<Record<Authority, readonly string[]>>;
  /** Fields that are not listed; undefined for what is none. */
  readonly others?: (name: string) => Field | undefined;
  /** Names on the wire of fields that the row calls otherwise. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** May a CREATED leave `obj` out, as its key says everything? */
  readonly bare?: true;
  /** May a row belong to no channel? Then a write (never a sync change) may lack `channel_id`. */
  readonly mayLackChannel?: true;
  /** What one field alone cannot show of a CREATED: looks at the whole `obj`, adds what follows from it. */
  readonly finish?: (obj: JsonObject, about: { key: Key; authority: Authority }, problems: Problems) => void;
}

/** The fields by name. The types of the values have done their work where the fields were declared. */
export function fieldMap(fields: Readonly<Record<string, Field<unknown>>>): ReadonlyMap<string, Field> {
  return new Map(Object.entries(fields as Record<string, Field>));
}
