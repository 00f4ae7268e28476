import * as z from 'zod';
import { normalizeId, type Id } from '../id.ts';
import { isJsonObject, MAX_JSON_DEPTH, type Json, type JsonObject } from '../json.ts';
import { jsonProblem, isText, isWithin } from './text.ts';
import type { Checked } from './field.ts';

/** The values that fields share. Null and absent mean the same: where a field has a blank, null becomes it. */

export const id: z.ZodType<Id> = z.string({ error: 'An id is 32 hex digits.' }).transform((value, context) => {
  const plain = normalizeId(value);
  if (plain !== null) return plain;
  context.addIssue({ code: 'custom', message: 'An id is 32 hex digits.' });
  return z.NEVER;
});

export const text = z
  .string({ error: 'It must be text.' })
  .refine(isText, { error: 'Text must be Unicode without NUL and without lone surrogates.' });

/** Text of at most that many characters. */
export function textUpTo(limit: number): z.ZodType<string> {
  return text.refine((value) => isWithin(value, limit), { error: `It must be at most ${limit} characters long.` });
}

export function orNull<Value>(schema: z.ZodType<Value>): z.ZodType<Value | null> {
  return schema.nullable();
}

/** Null becomes the blank value. */
export function orBlank<Value>(schema: z.ZodType<Value>, blank: NoInfer<Value>): z.ZodType<Value> {
  return schema.nullable().transform((value) => value ?? blank);
}

export function oneOf<const Name extends string>(names: readonly [Name, ...Name[]]): z.ZodType<Name> {
  return z.enum(names as unknown as [Name, ...Name[]], {
    error: `It must be one of: ${names.join(', ')}.`,
  }) as z.ZodType<Name>;
}

export const flag = z.boolean({ error: 'It must be true or false.' });

/** A whole number of at least `min`. */
export function whole(min: number, error: string): z.ZodType<number> {
  return z.number({ error }).int({ error }).min(min, { error });
}

/** A language tag such as `en`, `pt-BR` or `zh-Hans`. */
export const language = z
  .string({ error: 'It must be a language tag such as en or pt-BR.' })
  .max(35, { error: 'It must be a language tag such as en or pt-BR.' })
  .regex(/^[A-Za-z]{1,8}([-_][A-Za-z0-9]{1,8})*$/, { error: 'It must be a language tag such as en or pt-BR.' });

export const timestamp = z.string();

function json<Value extends Json>(isShape: (value: unknown) => value is Value, error: string): z.ZodType<Value> {
  return z.custom<Value>(isShape, { error }).check((context) => {
    const problem = jsonProblem(context.value, MAX_JSON_DEPTH);
    if (problem !== null) context.issues.push({ code: 'custom', message: problem, input: context.value });
  });
}

/** Any JSON at all. */
export const anything = json<Json>((value): value is Json => value !== undefined, 'It must be JSON.');

/** A JSON object with whatever keys. */
export const object = json<JsonObject>(isJsonObject, 'It must be an object.');

/** A JSON object or text. */
export const objectOrText = json<JsonObject | string>(
  (value): value is JsonObject | string => typeof value === 'string' || isJsonObject(value),
  'It must be an object, text or null.',
);

const array = json<Json[]>((value): value is Json[] => Array.isArray(value), 'It must be a list.');

/** A list, or the JSON text of one; empty text is an empty list. */
export const list: z.ZodType<Json[]> = z.preprocess(
  (value) => (typeof value === 'string' ? listOf(value) : value),
  array,
);

function listOf(source: string): unknown {
  if (source === '') return [];
  try {
    return JSON.parse(source) as unknown;
  } catch {
    return source; // No JSON: stays text, which is no list and is refused as such.
  }
}

/** A new value at a path inside a JSON object. */
export function insideObject(keys: readonly string[], value: Json): Checked {
  const room = MAX_JSON_DEPTH - keys.length;
  const problem = room < 0 ? 'The path is too deep.' : (pathProblem(keys) ?? jsonProblem(value, room));
  return problem === null ? { ok: true, value } : { ok: false, message: problem };
}

function pathProblem(keys: readonly string[]): string | null {
  return keys.every(isText) ? null : 'Keys must be Unicode without NUL and without lone surrogates.';
}
