import { ADMIN_TOKEN, type TestServer } from '../../../http/testing/harness.ts';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  json: Record<string, unknown>;
}

export interface Sent {
  /** Text, or what becomes JSON; null sends none. */
  data?: unknown;
  bytes?: Uint8Array;
  name?: string;
  field?: string;
  key?: string | null;
}

export async function fetched(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = text !== '' && response.headers.get('content-type') === 'application/json';
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? (JSON.parse(text) as Answer['json']) : {},
  };
}

/** Omeka's API as its clients use it, and a public item of the administrator's. */
export async function openApi({ server }: TestServer) {
  async function call(
    method: string,
    path: string,
    key: string | null,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const url = new URL(`/api/${path}`, server.url);
    if (key !== null) url.searchParams.set('key', key);
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    return fetched(await fetch(url, { method, headers, ...(text !== undefined && { body: text }) }));
  }

  const item = (await call('POST', 'items', ADMIN_TOKEN, { public: true })).json['id'] as number;

  async function upload({
    data = { item: { id: item } },
    bytes = Buffer.from('plain text\n'),
    name = 'a.txt',
    field = 'file',
    key = ADMIN_TOKEN,
  }: Sent = {}): Promise<Answer> {
    const form = new FormData();
    if (data !== null) form.set('data', typeof data === 'string' ? data : JSON.stringify(data));
    form.set(field, new Blob([bytes as BlobPart], { type: 'application/pdf' }), name);
    const query = key === null ? '' : `?key=${key}`;
    return fetched(await fetch(`${server.url}/api/files${query}`, { method: 'POST', body: form }));
  }

  return { call, upload, item };
}

export const message = ({ status, json }: Answer): string => `${status} ${String(json['message'])}`;
export const numbers = (answer: Answer): number[] => (answer.json as unknown as { id: number }[]).map(({ id }) => id);
