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
import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import type { Clock } from '../deps.ts';
import type { User, Write, Writer } from '../writer/writer.ts';

/** Commits one write of a REST request, once however often it comes under its key. Throws what it was refused for. */
export async function commitWrite(writer: Writer, req: Request, user: User, write: Write): Promise<void> {
  const key = idempotencyKey(req);
  const result = await writer.commit({
    user,
    writes: [write],
    authority: 'user',
    ...(key === null ? {} : { idempotency: { key, digest: digestOf(req, write) } }),
  });
  if (!result.ok) throw refusalOf(result.results);
}

/**
 * Was this very request, by its key, answered before? To be asked where its first run took away what a second one would
 * look for.
 */
export async function isRepeated(db: Kysely<Schema>, clock: Clock, req: Request, user: User): Promise<boolean> {
  const key = idempotencyKey(req);
  if (key === null) return false;
  const kept = await db
    .selectFrom('idempotency')
    .select('digest')
    .where('user', '=', user.pk)
    .where('key', '=', key)
    .where('status', '=', 200)
    .where('expires', '>', new Date(clock.now()).toISOString())
    .executeTakeFirst();
  return kept !== undefined && digestOf(req, {}).equals(kept.digest);
}

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

function idempotencyKey(req: Request): string | null {
  const key = req.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key === 'string' && /^[\x20-\x7e]{1,200}$/.test(key)) return key;
  throw new Refusal('invalid_value', { field: 'Idempotency-Key', message: 'A key has 1 to 200 printable characters.' });
}

/** What is said in the address is not said again: a request to delete has the same digest before and after. */
function digestOf(req: Request, write: Record<string, unknown>): Buffer {
  const { obj, mods, target, position } = write;
  const said = JSON.stringify([req.method, req.baseUrl + req.path, obj, mods, target, position]);
  return createHash('sha256').update(said).digest();
}

/** The refusal of a request from what became of its changes: the first that says more than that another one failed. */
export function refusalOf(results: readonly ChangeResult[]): Refusal {
  const errors = results.flatMap((result) => ('errors' in result ? result.errors : []));
  const error = errors.find(({ code }) => code !== 'group_failed') ?? errors[0] ?? protocolError('internal_error');
  const { code, ...more } = error;
  return new Refusal(code, more);
}
