import type * as z from 'zod';
import type { Json } from '../json.ts';

/** What became of a value: normalised, or why it is not allowed; `at` is the path inside the value, if any. */
export type Checked<Value = Json> = { ok: true; value: Value } | { ok: false; message: string; at?: string };

/**
 * When an author may say what a field is: `open` always, `initial` in a CREATED only, `closed` never. What may not be
 * said is left out of a CREATED and refused in an UPDATED.
 */
export type Access = 'open' | 'initial' | 'closed';

/** One field of a table: the declaration from which both the check of what arrives and the type of the row follow. */
export interface Field<Value = Json> {
  readonly access: Access;
  /** Checks a whole value and gives it its one spelling. */
  readonly value: z.ZodType<Value>;
  /** Checks a new value (null unsets) at a path of keys inside the field; absent where paths do not lead inside. */
  readonly inside?: (keys: readonly string[], value: Json) => Checked;
}

/** A field for every field of a row. */
export type FieldsOf<Row> = { readonly [Name in keyof Row]-?: Field<Row[Name]> };

export function open<Value>(value: z.ZodType<Value>, inside?: Field['inside']): Field<Value> {
  return { access: 'open', value, ...(inside && { inside }) };
}

export function initial<Value>(value: z.ZodType<Value>): Field<Value> {
  return { access: 'initial', value };
}

export function closed<Value>(value: z.ZodType<Value>): Field<Value> {
  return { access: 'closed', value };
}

/** Checks a whole value against its declaration. */
export function check<Value>(schema: z.ZodType<Value>, value: unknown): Checked<Value> {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  const issue = result.error.issues[0];
  const at = issue?.path.map(String).join('.');
  return { ok: false, message: issue?.message ?? 'That is not allowed here.', ...(at && { at }) };
}
