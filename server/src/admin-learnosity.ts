import { randomInt } from 'node:crypto';
import { Refusal, type Json, type JsonObject } from '@cambium/protocol';
import type { Connection } from './database/open.ts';
import type { Writer } from './writer/writer.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const KEY_LENGTH = 16;
const SECRET_LENGTH = 40;

/**
 * Makes a consumer that may sign Learnosity requests: `{consumer_key, secret, organisation, domain, user}`. Its files
 * belong to `user` and count against that user's quota.
 */
export async function addConsumer(writer: Writer, input: JsonObject): Promise<JsonObject> {
  const organisation = readOrganisation(input['organisation']);
  const domain = readText(input, 'domain', 'localhost');
  const username = readText(input, 'user', 'admin');
  const key = randomText(KEY_LENGTH);
  const secret = randomText(SECRET_LENGTH);
  const now = new Date().toISOString();
  await writer.command('learnosity.consumer.add', { key, secret, organisation, domain, username, now });
  return { consumer_key: key, secret, organisation, domain, user: username };
}

/** Every consumer, the oldest first, without its secret: `[{consumer_key, organisation, domain, user, created}]`. */
export async function listConsumers({ db }: Pick<Connection, 'db'>): Promise<Json> {
  return await db
    .selectFrom('learnosity_consumer as c')
    .innerJoin('user as u', 'u.pk', 'c.owner')
    .select(['c.key as consumer_key', 'c.organisation', 'c.domain', 'u.username as user', 'c.created'])
    .orderBy('c.created')
    .orderBy('c.key')
    .execute();
}

/** Ends a consumer: its next request, and the upload addresses that it has, are refused. */
export async function removeConsumer(writer: Writer, input: JsonObject): Promise<JsonObject> {
  const key = input['key'];
  if (typeof key !== 'string') throw new Refusal('missing_field', { field: 'key' });
  await writer.command('learnosity.consumer.remove', { key });
  return { consumer_key: key, removed: true };
}

function readOrganisation(value: unknown): number {
  if (value === undefined || value === null) throw new Refusal('missing_field', { field: 'organisation' });
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Refusal('invalid_value', { field: 'organisation', message: 'An organisation is a whole number.' });
}

function readText(input: JsonObject, field: string, fallback: string): string {
  const value = input[field] ?? fallback;
  if (typeof value === 'string' && /^[^\p{C}]{1,255}$/u.test(value)) return value;
  throw new Refusal('invalid_value', { field });
}

function randomText(length: number): string {
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}
