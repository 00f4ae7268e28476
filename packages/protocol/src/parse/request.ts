import * as z from 'zod';
import { Refusal, type ErrorCode } from '../error.ts';
import { normalizeId, type Id } from '../id.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import { LIMITS } from '../limit.ts';
import { PROTOCOL } from '../sync.ts';
import { isRev } from './envelope.ts';
import { id } from './value.ts';

const counter = z
  .int({ error: 'It must be a whole number of at least 0.' })
  .min(0, { error: 'It must be a whole number of at least 0.' });

/** A cursor may be beyond anything that a log holds: that asks for a snapshot and is no error. */
function isCursor(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

/** Cursors by channel. Two spellings of one id are one channel, read from the earlier cursor. */
const cursors = z
  .custom<Record<string, unknown>>(isJsonObject, { error: 'It must be an object.' })
  .transform((raw, context) => {
    const byChannel: Record<Id, number> = {};
    for (const [key, value] of Object.entries(raw)) {
      const channel = normalizeId(key);
      if (channel !== null && isCursor(value)) byChannel[channel] = Math.min(byChannel[channel] ?? Infinity, value);
      else {
        const message = channel === null ? 'An id is 32 hex digits.' : 'A cursor is a whole number of at least 0.';
        context.addIssue({ code: 'custom', message, path: [key] });
        return z.NEVER;
      }
    }
    return byChannel;
  });

const orAbsent = <Value>(schema: z.ZodType<Value>) => schema.nullish().transform((value) => value ?? undefined);

const syncRequest = z.object(
  {
    client_id: id,
    protocol: orAbsent(z.literal(PROTOCOL)),
    changes: z.array(z.unknown(), { error: 'It must be a list.' }).default([]),
    channel_revs: cursors.prefault({}),
    acked_rev: orAbsent(counter),
    after_rev: orAbsent(counter),
    server_id: orAbsent(id),
  },
  { error: 'The body must be an object.' },
);

/** The body of POST /api/sync as the server reads it: its changes are objects with a valid `rev`, not parsed further. */
export type ReceivedRequest = z.infer<typeof syncRequest>;

/**
 * Reads the body of a sync request.
 *
 * @throws {Refusal} when the request as a whole cannot be answered. A single change that is wrong in any other way
 * than by its `rev` is answered in its own result.
 */
export function parseSyncRequest(value: unknown): { request: ReceivedRequest } {
  // Before anything walks them: their number is what the limits are about.
  if (isJsonObject(value)) mustBeFew(value);
  const parsed = syncRequest.safeParse(value);
  if (!parsed.success) throw refusalOf(parsed.error.issues[0], value);
  const bad = parsed.data.changes.findIndex((change) => !isJsonObject(change) || !isRev(change.rev));
  if (bad >= 0) throw badChange(parsed.data.changes[bad], bad);
  return { request: parsed.data };
}

function mustBeFew({ changes, channel_revs }: JsonObject): void {
  if (Array.isArray(changes) && changes.length > LIMITS.changes) throw tooMany('changes', LIMITS.changes);
  if (isJsonObject(channel_revs) && Object.keys(channel_revs).length > LIMITS.cursors)
    throw tooMany('channel_revs', LIMITS.cursors);
}

function tooMany(field: string, most: number): Refusal {
  return new Refusal('too_large', { message: `A request carries at most ${most} ${field}.`, field });
}

function refusalOf(issue: z.core.$ZodIssue | undefined, body: unknown): Refusal {
  const [field] = issue?.path ?? [];
  if (field === undefined)
    return new Refusal('invalid_value', { message: issue?.message ?? 'The body must be an object.' });
  if (field === 'protocol') return new Refusal('unsupported_protocol', { field: 'protocol' });
  const isAbsent = isJsonObject(body) && (body[field as string] ?? null) === null;
  const code: ErrorCode = isAbsent && field === 'client_id' ? 'missing_field' : 'invalid_value';
  return new Refusal(code, {
    field: issue?.path.map(String).join('.') ?? '',
    ...(code === 'invalid_value' && { message: issue?.message ?? '' }),
  });
}

function badChange(change: unknown, index: number): Refusal {
  const details = { index };
  if (!isJsonObject(change))
    return new Refusal('invalid_value', { field: `changes.${index}`, message: 'A change is an object.', details });
  if ((change.rev ?? null) === null) return new Refusal('missing_field', { field: `changes.${index}.rev`, details });
  return new Refusal('invalid_value', {
    field: `changes.${index}.rev`,
    message: 'A rev is a whole number of at least 1.',
    details,
  });
}
