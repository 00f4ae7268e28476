import type { Kysely } from 'kysely';
import type { Schema } from '../../database/schema.ts';
import { parseJson } from '../body.ts';
import { DataError } from './errors.ts';
import type { Form } from './form.ts';
import { isSignature } from './signature.ts';

/** Milliseconds that a request's clock may be off, either way. */
const WINDOW = 3 * 3_600_000;
const KEY_LENGTH = 16;
const TIME_LENGTH = 13;
const SIGNATURE_LENGTH = 68;

/** Who signed the request, and for whom. */
export interface Consumer {
  key: string;
  organisation: number;
  /** pk of the user whose files and quota it uses. */
  owner: number;
}

/** Finds out who signed the request. Throws the `DataError` of the first thing that is wrong. */
export async function verify(db: Kysely<Schema>, form: Form, now: number): Promise<Consumer> {
  const security = readSecurity(form.security);
  const { consumer_key, domain, timestamp, signature, expires, user_id } = security;
  if (
    consumer_key.length !== KEY_LENGTH ||
    timestamp.length !== TIME_LENGTH ||
    signature.length !== SIGNATURE_LENGTH ||
    !signature.startsWith('$02$')
  ) {
    throw new DataError(41001);
  }
  const consumer = await db
    .selectFrom('learnosity_consumer')
    .innerJoin('user', 'user.pk', 'learnosity_consumer.owner')
    .selectAll('learnosity_consumer')
    .where('key', '=', consumer_key)
    .where('user.disabled', '=', 0)
    .executeTakeFirst();
  if (!consumer) throw new DataError(41002);
  const { request, action } = form;
  const signed = {
    consumer_key,
    domain,
    timestamp,
    request: request ?? '',
    ...(expires !== undefined && { expires }),
    ...(user_id !== undefined && { user_id }),
    ...(action !== undefined && { action }),
  };
  if (!isSignature(signature, consumer.secret, signed)) throw new DataError(41003);
  if (expires !== undefined) {
    const end = readTime(expires);
    if (end === null) throw new DataError(41006);
    // A minute that is named is not over yet.
    if (now >= end + 60_000) throw new DataError(41007);
  }
  const signedAt = readTime(timestamp);
  if (signedAt === null || Math.abs(now - signedAt) > WINDOW) throw new DataError(41004);
  if (domain !== consumer.domain) throw new DataError(41005);
  return consumer;
}

interface Security {
  consumer_key: string;
  domain: string;
  timestamp: string;
  signature: string;
  expires?: string;
  user_id?: string;
}

function readSecurity(text: string | undefined): Security {
  const value = text === undefined ? undefined : parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new DataError(41000);
  const fields = value as Record<string, unknown>;
  const read = (name: string): string | undefined => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined || field === null) return undefined;
    // A user id may be a number; it was joined into the signed text as it is written.
    if (typeof field === 'number' && name === 'user_id') return String(field);
    if (typeof field !== 'string') throw new DataError(41001);
    return field;
  };
  const need = (name: string): string => {
    const field = read(name);
    if (field === undefined || field === '') throw new DataError(41000, name);
    return field;
  };
  const expires = read('expires');
  const user_id = read('user_id');
  return {
    consumer_key: need('consumer_key'),
    domain: need('domain'),
    timestamp: need('timestamp'),
    signature: need('signature'),
    ...(expires !== undefined && { expires }),
    ...(user_id !== undefined && { user_id }),
  };
}

/** `YYYYMMDD-HHmm`, GMT, as milliseconds since 1970; null for anything else. */
function readTime(text: string): number | null {
  const match = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)$/.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, minute] = match;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:00.000Z`;
  const at = Date.parse(iso);
  // The 31st of a month that has 30 days would be taken for another day.
  return !Number.isNaN(at) && new Date(at).toISOString() === iso ? at : null;
}
