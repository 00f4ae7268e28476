import type { Request } from 'express';
import { BodyTooLarge, parseJson, readText } from '../body.ts';
import { Detail, type Invalid } from './errors.ts';

const MAX_BODY = 65_536;

/** The JSON object that was sent, whatever type it claims to be of. Throws a 422 as FastAPI does. */
export async function readObject(req: Request): Promise<Record<string, unknown>> {
  let body: unknown;
  try {
    body = parseJson(await readText(req, MAX_BODY));
  } catch (error) {
    if (error instanceof BodyTooLarge) throw new Detail(413, 'Request Entity Too Large');
    throw error;
  }
  if (body === undefined) {
    const ctx = { error: 'Expecting value' };
    throw new Detail(422, [{ type: 'json_invalid', loc: ['body', 0], msg: 'JSON decode error', input: {}, ctx }]);
  }
  if (body === null) throw new Detail(422, [missing(['body'], null)]);
  if (typeof body !== 'object' || Array.isArray(body)) {
    const msg = 'Input should be a valid dictionary or object to extract fields from';
    throw new Detail(422, [{ type: 'model_attributes_type', loc: ['body'], msg, input: body }]);
  }
  return body as Record<string, unknown>;
}

export function missing(loc: Invalid['loc'], input: unknown): Invalid {
  return { type: 'missing', loc, msg: 'Field required', input };
}

export function noString(loc: Invalid['loc'], input: unknown): Invalid {
  return { type: 'string_type', loc, msg: 'Input should be a valid string', input };
}
