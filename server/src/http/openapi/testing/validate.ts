import type { JsonObject } from '@cambium/protocol';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { openApiDocument } from '../document.ts';

interface Answer {
  method: string;
  /** With its query. */
  path: string;
  status: number;
  type: string | null;
  text: string;
}

type Responses = Record<string, { content?: Record<string, JsonObject & { schema: { $ref?: string } }> }>;
type PathItem = Record<string, { responses: Responses }>;

const document = openApiDocument();
const ajv = new Ajv2020({ strict: false }).addSchema(document, 'api');
const validators = new Map<string, ValidateFunction>();
const templates = Object.entries(document['paths'] as Record<string, unknown>).map(([path, item]) => ({
  pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}/?$`),
  // A path without parameters is the nearer one: `upload_url` is no id.
  parameters: path.split('{').length,
  item: item as PathItem,
}));
templates.sort((a, b) => a.parameters - b.parameters);

/** What in an answer is not as the document says; null when all is. An address that is not in it answers with errors only. */
export function contradiction({ method, path, status, type, text }: Answer): string | null {
  const at = path.replace(/\?.*$/, '').replace(/\/{2,}/g, '/');
  const item = templates.find(({ pattern }) => pattern.test(at))?.item;
  const operation = item?.[method === 'HEAD' && !item['head'] ? 'get' : method.toLowerCase()];
  if (!operation) return status >= 400 && at.startsWith('/api/') ? mismatch('#/components/schemas/Error', text) : null;
  const response = operation.responses[status] ?? operation.responses['default'];
  if (!response) return `${status} is not among its answers: ${text.slice(0, 300)}`;
  if (method === 'HEAD') return null;
  const media = Object.entries(response.content ?? {});
  // What another system answers is held to that system's own tests.
  if (operation.responses['default']) return null;
  if (media.length === 0) return text === '' ? null : 'it has a body';
  const found = media.find(([name]) => name === '*/*' || type?.startsWith(name))?.[1];
  if (!found) return `its type is ${type}`;
  const line = found['x-line'] as { $ref: string } | undefined;
  if (line)
    return (
      text
        .trimEnd()
        .split('\n')
        .map((one) => mismatch(line.$ref, one))
        .find((wrong) => wrong !== null) ?? null
    );
  return found.schema.$ref === undefined ? null : mismatch(found.schema.$ref, text);
}

function mismatch(ref: string, text: string): string | null {
  let validate = validators.get(ref);
  if (!validate) validators.set(ref, (validate = ajv.compile({ $ref: `api${ref}` })));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return `it is no JSON: ${text.slice(0, 100)}`;
  }
  if (validate(value)) return null;
  return `${ajv.errorsText(validate.errors)} in ${text.slice(0, 1000)}`;
}
