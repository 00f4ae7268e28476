import { createHash, randomBytes } from 'node:crypto';
import type { Id, Json, JsonObject } from '@cambium/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, freshId, startTestServer, type Reply, type TestServer } from './testing/harness.ts';

type Who = 'nobody' | 'stranger' | 'viewer' | 'editor' | 'owner' | 'admin';
const EVERYBODY: Who[] = ['nobody', 'stranger', 'viewer', 'editor', 'owner', 'admin'];
type Statuses = [nobody: number, stranger: number, viewer: number, editor: number, owner: number, admin: number];

let world: TestServer;
const users = {} as Record<Who, Api>;
let channel: Id;
let node: Id;
/** Of the owner: a stored file of the channel, one whose bytes have not come, and one that hangs nowhere. */
const bytes = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(500)]);
let stored: StoredFile;
let waiting: Id;
let loose: StoredFile;
/** An upload of the owner's that has three of its six bytes, and a finished part. */
let upload: string;
let part: string;

beforeAll(async () => {
  world = await startTestServer();
  users.nobody = new Api(world.server.url, null);
  users.admin = world.admin;
  for (const who of ['stranger', 'viewer', 'editor', 'owner'] as const) users[who] = await world.user(who);
  const { owner } = users;
  const made = await owner.channel(['A']);
  channel = made.id;
  [node] = made.topics as [Id];
  for (const role of ['viewer', 'editor'] as const) {
    await owner.call('PUT', `/api/channel/${channel}/members/${users[role].userId}`, { role });
  }
  stored = await storedBy(owner, bytes);
  await owner.call('PATCH', `/api/file/${stored.id}`, { contentnode: node });
  loose = await storedBy(owner, Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(500)]));
  waiting = freshId();
  await owner.sync([
    {
      type: 'CREATED',
      table: 'file',
      key: waiting,
      channel_id: channel,
      obj: { ...announced(bytes), contentnode: node },
    },
  ]);
  upload = await created(owner);
  await tus(owner, 'PATCH', upload, { 'upload-offset': '0', ...BYTES }, Buffer.from('abc'));
  part = await created(owner, { 'upload-concat': 'partial', 'upload-length': '0' });
});
afterAll(() => world.stop());

const BYTES = { 'content-type': 'application/offset+octet-stream' };
const base64 = (text: string) => Buffer.from(text).toString('base64');

function announced(content: Buffer): JsonObject {
  const checksum = createHash('md5').update(content).digest('hex');
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { checksum, sha256, size: content.length, name: 'a.pdf', file_format: 'pdf', preset: 'document' };
}

interface StoredFile {
  id: Id;
  url: string;
}

/** A file of the user's that has its bytes. */
async function storedBy(api: Api, content: Buffer): Promise<StoredFile> {
  const { json } = await api.post('/api/file/upload_url', announced(content));
  const { pathname, search } = new URL(json['url'] as string);
  const put = await api.call('PUT', pathname + search, content, { 'content-type': json['content_type'] as string });
  expect(put.status).toBe(200);
  return put.json['file'] as unknown as StoredFile;
}

/** Without a JSON body nothing says that there is one. */
async function tus(
  api: Api,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: Uint8Array,
): Promise<Reply> {
  return api.call(method, path, body, { 'tus-resumable': '1.0.0', ...headers });
}

/** The path of a new upload. */
async function created(api: Api, headers: Record<string, string> = {}): Promise<string> {
  const { status, headers: answer } = await tus(api, 'POST', '/api/upload', { 'upload-length': '6', ...headers });
  expect(status).toBe(201);
  return new URL(String(answer.get('location'))).pathname;
}

/** One request, and the status that each of EVERYBODY gets. */
interface Rule {
  name: string;
  send: (api: Api, who: Who) => Promise<{ status: number; json: Json }>;
  statuses: Statuses;
}

const ANYBODY: Statuses = [401, 201, 201, 201, 201, 201];
const OWN: (status: number) => Statuses = (status) => [401, 404, 404, 404, status, 404];

const UPLOADS: Rule[] = [
  { name: 'OPTIONS', send: (api) => tus(api, 'OPTIONS', '/api/upload'), statuses: [204, 204, 204, 204, 204, 204] },
  {
    name: 'POST an upload',
    send: (api) => tus(api, 'POST', '/api/upload', { 'upload-length': '6' }),
    statuses: ANYBODY,
  },
  {
    name: 'POST an upload with its bytes',
    send: (api) => tus(api, 'POST', '/api/upload', { 'upload-length': '3', ...BYTES }, Buffer.from('abc')),
    statuses: ANYBODY,
  },
  {
    name: "POST an upload for the owner's file",
    send: (api) =>
      tus(api, 'POST', '/api/upload', {
        'upload-length': String(bytes.length),
        'upload-metadata': `id ${base64(waiting)}`,
      }),
    statuses: [401, 409, 409, 409, 201, 409],
  },
  {
    name: "POST a whole of the owner's part",
    send: (api) => tus(api, 'POST', '/api/upload', { 'upload-concat': `final;${part}` }),
    statuses: OWN(201),
  },
  { name: "HEAD the owner's upload", send: (api) => tus(api, 'HEAD', upload), statuses: OWN(200) },
  {
    name: "PATCH the owner's upload",
    send: (api) => tus(api, 'PATCH', upload, { 'upload-offset': '3', ...BYTES }, new Uint8Array()),
    statuses: OWN(204),
  },
  { name: "GET the owner's part", send: (api) => tus(api, 'GET', part), statuses: OWN(200) },
  {
    name: "DELETE the owner's upload",
    send: (api) => tus(api, 'DELETE', upload),
    // The last but one to ask; after that it is gone for everybody.
    statuses: OWN(204),
  },
];

const FILES: Rule[] = [
  {
    name: 'POST known',
    send: (api) => api.post('/api/file/known', { files: [] }),
    statuses: [401, 200, 200, 200, 200, 200],
  },
  {
    name: 'POST upload_url',
    send: (api) => api.post('/api/file/upload_url', announced(randomBytes(10))),
    statuses: ANYBODY,
  },
  {
    name: "POST upload_url for the owner's file",
    send: (api) => api.post('/api/file/upload_url', { ...announced(bytes), id: waiting }),
    statuses: [401, 409, 409, 409, 201, 409],
  },
  {
    name: 'PATCH a file of the channel',
    send: (api) => api.call('PATCH', `/api/file/${stored.id}`, { language: 'de' }),
    statuses: [401, 404, 403, 200, 200, 200],
  },
  {
    name: "PATCH the owner's loose file",
    send: (api) => api.call('PATCH', `/api/file/${loose.id}`, { language: 'de' }),
    statuses: [401, 404, 404, 404, 200, 200],
  },
  {
    name: 'PATCH an own file into the channel',
    send: async (api) => {
      const id = api.token === null ? freshId() : (await storedBy(api, randomPdf())).id;
      return api.call('PATCH', `/api/file/${id}`, { contentnode: node });
    },
    statuses: [401, 404, 403, 200, 200, 200],
  },
  {
    name: 'GET content, whose address is the permission',
    send: (api) => api.call('GET', pathOf(stored)),
    statuses: [200, 200, 200, 200, 200, 200],
  },
  {
    name: 'GET content at an address that was made up',
    send: (api) => api.call('GET', pathOf(stored).replace(/\/content\/./, '/content/_')),
    statuses: [404, 404, 404, 404, 404, 404],
  },
  {
    name: 'DELETE a file of the channel that is none',
    send: (api) => api.call('DELETE', `/api/file/${freshId()}`),
    statuses: [401, 404, 404, 404, 404, 404],
  },
];

const EVENTS: Rule[] = [
  { name: 'GET events of the channel', send: (api) => listen(api, channel), statuses: [401, 404, 200, 200, 200, 200] },
  { name: 'GET events of all channels', send: (api) => listen(api), statuses: [401, 200, 200, 200, 200, 200] },
];

const randomPdf = () => Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(50)]);
const pathOf = (file: StoredFile) => new URL(file.url).pathname;

/** Opens the stream and closes it again. */
async function listen(api: Api, id?: Id): Promise<{ status: number; json: Json }> {
  const abort = new AbortController();
  const response = await fetch(`${api.url}/api/sync/events${id === undefined ? '' : `?channel=${id}`}`, {
    headers: api.token === null ? {} : { authorization: `Token ${api.token}` },
    signal: abort.signal,
  });
  const json = response.ok ? null : ((await response.json()) as Json);
  abort.abort();
  return { status: response.status, json };
}

describe.each([...UPLOADS, ...FILES, ...EVENTS])('$name', ({ send, statuses }) => {
  test.each(EVERYBODY.map((who, index) => ({ who, status: statuses[index] as number })))(
    '$who: $status',
    async ({ who, status }) => {
      const reply = await send(users[who], who);
      expect(reply.status).toBe(status);
      const isTold = status >= 400 && Object.keys(reply.json as object).length > 0;
      if (isTold) expect(reply.json).toEqual({ error: expect.objectContaining({ code: expect.any(String) }) });
    },
  );
});

describe('what one may not view', () => {
  const MAY: [who: Who, may: boolean][] = [
    ['stranger', false],
    ['viewer', true],
    ['editor', true],
    ['owner', true],
    ['admin', true],
  ];

  test.each(MAY)('is not known to be stored by its checksum: %s', async (who, may) => {
    const asked = { ...announced(bytes), id: freshId() };
    const { json: known } = await users[who].post('/api/file/known', { files: [asked] });
    expect(known['known']).toEqual(may ? [asked.id] : []);
    const { json: granted } = await users[who].post('/api/file/upload_url', announced(bytes));
    expect(granted['might_skip']).toBe(may);
  });

  test.each(MAY)('is in no list: %s', async (who, may) => {
    for (const query of [`id=${stored.id}`, `contentnode=${node}`]) {
      const reply = await users[who].get(`/api/file?${query}`);
      expect(reply.status).toBe(200);
      expect((JSON.parse(reply.text) as unknown[]).length > 0).toBe(may);
    }
  });

  test.each(MAY)("comes by no pack: of the owner's file only the owner brings the bytes: %s", async (who) => {
    const member = { ...announced(bytes), filename: 'a.pdf', id: waiting };
    const pack = Buffer.concat([Buffer.from(`${JSON.stringify({ members: [member] })}\n`), bytes]);
    const headers = {
      'upload-length': String(pack.length),
      'upload-metadata': `filetype ${base64('application/vnd.cambium.pack')}`,
      ...BYTES,
    };
    const reply = await tus(users[who], 'POST', '/api/upload', headers, pack);
    expect([reply.status, reply.headers.get('cambium-pack-refused')]).toEqual([201, who === 'owner' ? '0' : '1']);
    const path = new URL(String(reply.headers.get('location'))).pathname;
    for (const other of EVERYBODY) {
      const { status } = await tus(users[other], 'GET', path);
      expect([other, status]).toEqual([other, other === 'nobody' ? 401 : other === who ? 200 : 404]);
    }
  });
});
