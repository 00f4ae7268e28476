import { normalizeId, Refusal, type Id } from '@cambium/protocol';
import type { Request } from 'express';

/** The id in the address. What is no id names nothing: `not_found`. */
export function idParam(req: Request, name = 'id'): Id {
  const id = normalizeId(req.params[name]);
  if (id === null) throw new Refusal('not_found');
  return id;
}

/** One query value, or null when it is absent. A value given twice is refused. */
export function queryText(req: Request, name: string): string | null {
  const value = req.query[name];
  if (value === undefined) return null;
  if (typeof value === 'string') return value;
  throw new Refusal('invalid_value', { field: name, message: 'This parameter can be given once only.' });
}

/** All values of a query parameter that may be repeated. */
export function queryTexts(req: Request, name: string): string[] {
  const value = req.query[name];
  if (value === undefined) return [];
  const values: unknown[] = Array.isArray(value) ? value : [value];
  if (values.every((one) => typeof one === 'string')) return values;
  throw new Refusal('invalid_value', { field: name });
}

/** A whole number of the query within bounds, or null when it is absent. */
export function queryInteger(req: Request, name: string, from: number, to: number): number | null {
  const text = queryText(req, name);
  if (text === null) return null;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (value >= from && value <= to) return value;
  throw new Refusal('invalid_value', { field: name, message: `Must be a whole number from ${from} to ${to}.` });
}
