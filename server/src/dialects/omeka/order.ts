import { asInteger } from './call.ts';
import { ApiError } from './errors.ts';

/** A place within the item; 0 is none. Undefined: as it was. */
export function readOrder(value: unknown): number | null | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const order = asInteger(value);
  if (order === undefined || order < 0) throw new ApiError(400, 'Invalid order. It must be a whole number.');
  return order === 0 ? null : order;
}
