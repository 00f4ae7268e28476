import type { Request } from 'express';
import { BodyTooLarge, parseJson, readText } from '../body.ts';
import { DataError } from './errors.ts';

/** A thousand names of a thousand characters, each of them percent-encoded. */
const MAX_BODY = 8_388_608;

/** The three fields of a request; `request` exactly as it was sent. */
export interface Form {
  security?: string;
  request?: string;
  action?: string;
}

/** Reads a form; or JSON, as the documentation says and no SDK does. */
export async function readForm(req: Request): Promise<Form> {
  let text: string;
  try {
    text = await readText(req, MAX_BODY);
  } catch (error) {
    if (error instanceof BodyTooLarge) throw new DataError(20001, 'body');
    throw error;
  }
  if (/^application\/json\b/i.test(req.headers['content-type'] ?? '')) return fromJson(parseJson(text));
  const fields = new URLSearchParams(text);
  return pick((name) => fields.get(name) ?? undefined);
}

function fromJson(body: unknown): Form {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new DataError(20009);
  const fields = body as Record<string, unknown>;
  return pick((name) => {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (value === undefined || value === null) return undefined;
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}

function pick(read: (name: keyof Form) => string | undefined): Form {
  const form: Form = {};
  for (const name of ['security', 'request', 'action'] as const) {
    const value = read(name);
    if (value !== undefined) form[name] = value;
  }
  return form;
}
