import { createHash } from 'node:crypto';
import {
  isKeyMap,
  isJsonObject,
  protocolError,
  Refusal,
  type ChangeResult,
  type Id,
  type Json,
  type JsonObject,
} from '@cambium/protocol';
import type { Request } from 'express';
import type { User } from '../writer/writer.ts';

/**
 * The id of a row to be made. A request that comes again under its idempotency key has to make the same row, so the id
 * then comes from the key and not from chance.
 */
export function idFor(req: Request, user: User, random: () => Id): Id {
  const key = idempotencyKey(req);
  if (key === null) return random();
  const bytes = createHash('sha256').update(`${user.id}\n${req.baseUrl}\n${key}`).digest().subarray(0, 16);
  bytes[6] = (bytes.readUInt8(6) & 0x0f) | 0x80;
  bytes[8] = (bytes.readUInt8(8) & 0x3f) | 0x80;
  return bytes.toString('hex');
}

/** Mods from the body of a PATCH. Maps of labels and tags are laid over what is there, name by name. */
export function toMods(body: JsonObject): Record<string, Json> {
  const mods = new Map<string, Json>();
  for (const [field, value] of Object.entries(body)) {
    if (!isKeyMap(field) || !isJsonObject(value)) mods.set(field, value);
    else
      for (const [name, isSet] of Object.entries(value)) mods.set(`${field}.${name}`, isSet === false ? null : isSet);
  }
  return Object.fromEntries(mods);
}

/** Throws `invalid_value` for a key that is none. */
export function idempotencyKey(req: Request): string | null {
  const key = req.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key === 'string' && /^[\x20-\x7e]{1,200}$/.test(key)) return key;
  throw new Refusal('invalid_value', { field: 'Idempotency-Key', message: 'A key has 1 to 200 printable characters.' });
}

/** The refusal of a request from what became of its changes: the first that says more than that another one failed. */
export function refusalOf(results: readonly ChangeResult[]): Refusal {
  const errors = results.flatMap((result) => ('errors' in result ? result.errors : []));
  const error = errors.find(({ code }) => code !== 'group_failed') ?? errors[0] ?? protocolError('internal_error');
  const { code, ...more } = error;
  return new Refusal(code, more);
}
