import type { Request, Response } from 'express';
import type { User } from '../../writer/writer.ts';
import { BodyTooLarge, parseJson, readText } from '../body.ts';
import { ApiError, noObject } from './errors.ts';

/** A request that passed everything that comes before its resource. */
export interface Call {
  req: Request;
  res: Response;
  /** Null: nobody in particular. */
  user: User | null;
  /** The number in the address; null when there is none. */
  id: number | null;
  /** Scheme and host by which the sender reaches the server. */
  base: string;
  query: URLSearchParams;
}

/** What a resource can do; a list of its own query parameters goes with it. */
export interface Resource {
  /** Query parameters of the index beside those that every index has. */
  filters: readonly string[];
  index?(call: Call): Promise<void>;
  get?(call: Call): Promise<void>;
  post?(call: Call): Promise<void>;
  put?(call: Call): Promise<void>;
  delete?(call: Call): Promise<void>;
}

const MAX_BODY = 16_777_216;

/** Answers with JSON; indented, or as a call of the sender's function, when the query says so. */
export function send({ res, query }: Pick<Call, 'res' | 'query'>, status: number, data: unknown): void {
  const callback = query.get('callback');
  res.status(status);
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  if (callback !== null) {
    res.setHeader('Content-Type', 'application/javascript');
    res.end(`${callback}(${JSON.stringify({ headers: { status }, data })});`);
    return;
  }
  res.setHeader('Content-Type', 'application/json');
  res.end(JSON.stringify(data, null, query.has('pretty_print') ? 4 : undefined));
}

/** The JSON object in the body, whatever type it claims to be of. */
export async function readObject(req: Request): Promise<Record<string, unknown>> {
  try {
    return asObject(await readText(req, MAX_BODY));
  } catch (error) {
    if (error instanceof BodyTooLarge) throw new ApiError(413, 'Invalid request. Request body is too large.');
    throw error;
  }
}

export function asObject(text: string): Record<string, unknown> {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw noObject();
  return value as Record<string, unknown>;
}

/** A number or its digits; undefined for anything else. */
export function asInteger(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

/** Time as Omeka writes it: UTC, seconds. */
export function omekaTime(iso: string): string {
  return `${iso.slice(0, 19)}+00:00`;
}
