import { ERRORS, PROTOCOL, type ErrorCode, type Json, type JsonObject } from '@cambium/protocol';
import { z } from 'zod';
import { ANSWERS } from './answers.ts';
import { BODIES } from './bodies.ts';
import { DIALECTS, type Content, type Dialect, type Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';

/** Refusals that every request may meet. */
const COMMON: readonly ErrorCode[] = ['invalid_value', 'method_not_allowed', 'internal_error'];
const NAMES: Record<Dialect, string> = { classquiz: 'ClassQuiz', omeka: 'Omeka Classic', learnosity: 'Learnosity' };
const TUS_STATUSES = [400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 423, 460, 500, 503];

/**
 * The whole API as an OpenAPI 3.1 document, with the dialects that are served. Schemas are those that requests are
 * checked with and rows are typed by.
 */
export function openApiDocument(dialects: readonly Dialect[] = DIALECTS): JsonObject {
  const operations = OPERATIONS.filter(({ dialect }) => dialect === undefined || dialects.includes(dialect));
  const paths: Record<string, JsonObject> = {};
  for (const operation of operations) {
    (paths[operation.path] ??= parametersOf(operation.path))[operation.method] = describe(operation);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Cambium',
      version: String(PROTOCOL),
      description: 'An offline-first sync engine for tree-shaped content.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { ...schemasOf(BODIES, 'input'), ...schemasOf(ANSWERS, 'output') },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: '`Token` works in place of `Bearer`.' },
      },
    },
  };
}

/** Schemas by name; each says for itself all that it means. */
function schemasOf(schemas: Record<string, z.ZodType>, io: 'input' | 'output'): JsonObject {
  const entries = Object.entries(schemas).map(([name, schema]): [string, Json] => {
    const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
      io,
      unrepresentable: 'any',
      target: 'draft-2020-12',
    });
    return [name, rest as JsonObject];
  });
  return Object.fromEntries(entries);
}

function parametersOf(path: string): JsonObject {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
  if (names.length === 0) return {};
  return { parameters: names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })) };
}

function describe(operation: Operation): JsonObject {
  const { summary, tag, query = {}, body, open, method, path } = operation;
  return {
    operationId: `${method}${path.replace(/[^a-z]+(\w?)/gi, (_, next: string) => next.toUpperCase())}`,
    summary,
    tags: [tag],
    ...(open ? { security: [] } : {}),
    ...(Object.keys(query).length === 0
      ? {}
      : {
          parameters: Object.entries(query).map(([name, description]) => ({
            name,
            in: 'query',
            description,
            schema: name === 'channel' ? { type: 'array', items: { type: 'string' } } : { type: 'string' },
          })),
        }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: body !== 'bytes', content: body === 'bytes' ? bytes() : inJson(body) } }),
    responses: { ...answersOf(operation), ...refusalsOf(operation) },
  };
}

function answersOf({ answers }: Operation): JsonObject {
  return Object.fromEntries(
    Object.entries(answers).map(([status, content]) => {
      const media = contentOf(content);
      return [status, { description: DESCRIPTIONS[status] ?? 'Done.', ...(media ? { content: media } : {}) }];
    }),
  );
}

const DESCRIPTIONS: Record<string, string> = {
  201: 'Made.',
  204: 'Done; there is nothing to say.',
  206: 'The range that was asked for.',
  304: 'Not changed.',
  412: 'A condition of the request does not hold.',
  416: 'There is no such range.',
  503: 'Not now.',
};

function contentOf(content: Content): JsonObject | null {
  if ('json' in content) return inJson(content.json);
  if ('ndjson' in content)
    return { 'application/x-ndjson': { schema: { type: 'string' }, 'x-line': refTo(content.ndjson) } };
  if ('events' in content) {
    return { 'text/event-stream': { schema: { type: 'string' }, 'x-data': content.events.map(refTo) } };
  }
  if ('bytes' in content) return bytes();
  if ('text' in content) return { [content.text]: { schema: { type: 'string' } } };
  return null;
}

function refusalsOf({ refusals = [], open, tus, dialect }: Operation): JsonObject {
  if (dialect) return { default: { description: `As ${NAMES[dialect]} answers.` } };
  if (tus) return Object.fromEntries(TUS_STATUSES.map((status) => [status, refusal('As tus says.', 'UploadError')]));
  const codes = new Set<ErrorCode>([...COMMON, ...(open ? [] : (['unauthenticated'] as const)), ...refusals]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) byStatus.set(ERRORS[code].status, [...(byStatus.get(ERRORS[code].status) ?? []), code]);
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [
      status,
      refusal(some.map((code) => `\`${code}\`: ${ERRORS[code].message}`).join('\n'), 'Error'),
    ]),
  );
}

function refusal(description: string, schema: 'Error' | 'UploadError'): JsonObject {
  return { description, content: inJson(schema) };
}

function inJson(name: string): JsonObject {
  return { 'application/json': { schema: refTo(name) } };
}

function bytes(): JsonObject {
  return { '*/*': { schema: { type: 'string', contentEncoding: 'binary' } } };
}

function refTo(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}
