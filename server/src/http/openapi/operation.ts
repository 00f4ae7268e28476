import type { ErrorCode } from '@cambium/protocol';
import type { AnswerName } from './answers.ts';
import type { BodyName } from './bodies.ts';

export type HttpMethod = 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head' | 'options';

/** What a successful answer has for a body: a named schema, lines or events of one, bytes, or nothing. */
export type Content =
  | { json: AnswerName }
  | { ndjson: AnswerName }
  | { events: AnswerName[] }
  | { bytes: true }
  | { text: string }
  | { none: true };

type Tag = 'operating' | 'users' | 'channels' | 'sync' | 'nodes' | 'files' | 'uploads' | Dialect;

/** File APIs of other systems. */
export const DIALECTS = ['classquiz', 'omeka', 'learnosity'] as const;
export type Dialect = (typeof DIALECTS)[number];

/** One thing that one address can do. */
export interface Operation {
  method: HttpMethod;
  /** With parameters in braces. */
  path: string;
  summary: string;
  tag: Tag;
  /** Parameters of the query: what they mean, by their names. */
  query?: Record<string, string>;
  body?: BodyName | 'bytes';
  answers: Record<number, Content>;
  /** Refusals of its own, besides those that every request may meet. */
  refusals?: readonly ErrorCode[];
  /** Works without a token. */
  open?: true;
  /** Its errors have statuses of tus. */
  tus?: true;
  /** It is another system's: what it answers, and how one proves who one is, is for that system to say. */
  dialect?: Dialect;
}

/** An operation, its address first. */
export function at(
  method: HttpMethod,
  path: string,
  tag: Tag,
  rest: Omit<Operation, 'method' | 'path' | 'tag'>,
): Operation {
  return { method, path, tag, ...rest };
}

/** Refusals of whatever writes. */
export const WRITE: readonly ErrorCode[] = [
  'forbidden',
  'not_found',
  'missing_field',
  'read_only_field',
  'already_exists',
  'rev_reused',
  'busy',
];

/** Refusals of a body. */
export const JSON_BODY: readonly ErrorCode[] = ['malformed_json', 'unsupported_type', 'too_large'];

export const NONE = { none: true } as const;

/** An operation of another system. */
export function foreign(dialect: Dialect, method: HttpMethod, path: string, summary: string): Operation {
  return { method, path, tag: dialect, summary, answers: {}, open: true, dialect };
}
