import type { Id, Json } from '@cambium/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, freshId, startTestServer, type TestServer } from './testing/harness.ts';

type Who = 'nobody' | 'stranger' | 'viewer' | 'editor' | 'owner' | 'admin';
const EVERYBODY: Who[] = ['nobody', 'stranger', 'viewer', 'editor', 'owner', 'admin'];

let world: TestServer;
const users = {} as Record<Who, Api>;
let channel: Id;
let node: Id;
let spare: Id[];
let files: Id[];

beforeAll(async () => {
  world = await startTestServer();
  users.nobody = new Api(world.server.url, null);
  users.admin = world.admin;
  for (const who of ['stranger', 'viewer', 'editor', 'owner'] as const) users[who] = await world.user(who);
  const made = await users.owner.channel(['A', ...EVERYBODY]);
  channel = made.id;
  [node, ...spare] = made.topics as [Id, ...Id[]];
  for (const role of ['viewer', 'editor'] as const) {
    const { status } = await users.owner.call('PUT', `/api/channel/${channel}/members/${users[role].userId}`, { role });
    expect(status).toBe(200);
  }
  files = EVERYBODY.map(() => freshId());
  const obj = { ...BYTES, contentnode: node };
  await users.owner.sync(files.map((key) => ({ type: 'CREATED', table: 'file', key, channel_id: channel, obj })));
});
afterAll(() => world.stop());

const BYTES = { checksum: '1'.repeat(32), size: 3, name: 'a.pdf', file_format: 'pdf', preset: 'document' };

/** One request, and the status that each of EVERYBODY gets. */
interface Rule {
  name: string;
  send: (api: Api, index: number) => Promise<{ status: number; json: Json }>;
  statuses: [nobody: number, stranger: number, viewer: number, editor: number, owner: number, admin: number];
}

const READ: Rule['statuses'] = [401, 404, 200, 200, 200, 200];
const EDIT: Rule['statuses'] = [401, 404, 403, 200, 200, 200];

const RULES: Rule[] = [
  { name: 'GET channel', send: (api) => api.get(`/api/channel/${channel}`), statuses: READ },
  { name: 'GET members', send: (api) => api.get(`/api/channel/${channel}/members`), statuses: READ },
  { name: 'GET changes', send: (api) => api.get(`/api/channel/${channel}/changes`), statuses: READ },
  { name: 'GET snapshot', send: (api) => api.get(`/api/channel/${channel}/snapshot`), statuses: READ },
  { name: 'GET node', send: (api) => api.get(`/api/contentnode/${node}`), statuses: READ },
  { name: 'GET requisites', send: (api) => api.get(`/api/contentnode/${node}/requisites`), statuses: READ },
  { name: 'GET size', send: (api) => api.get(`/api/contentnode/${channel}/size`), statuses: READ },
  {
    name: 'GET size of no root',
    send: (api) => api.get(`/api/contentnode/${node}/size`),
    statuses: [401, 404, 404, 404, 404, 404],
  },
  { name: 'PATCH node', send: (api) => api.call('PATCH', `/api/contentnode/${node}`, { title: 'B' }), statuses: EDIT },
  {
    name: 'POST node',
    send: (api) => api.post('/api/contentnode', { parent: channel, kind: 'topic', title: 'new' }),
    statuses: [401, 404, 403, 201, 201, 201],
  },
  {
    name: 'DELETE node',
    send: (api, index) => api.call('DELETE', `/api/contentnode/${spare[index] as Id}`),
    statuses: [401, 404, 403, 204, 204, 204],
  },
  {
    name: 'DELETE root',
    send: (api) => api.call('DELETE', `/api/contentnode/${channel}`),
    statuses: [401, 404, 403, 409, 409, 409],
  },
  { name: 'PATCH channel', send: (api) => api.call('PATCH', `/api/channel/${channel}`, { name: 'N' }), statuses: EDIT },
  { name: 'publish', send: (api) => api.post(`/api/channel/${channel}/publish`, {}), statuses: EDIT },
  {
    name: 'PUT member',
    send: (api) => api.call('PUT', `/api/channel/${channel}/members/${users.viewer.userId}`, { role: 'viewer' }),
    statuses: [401, 404, 403, 403, 200, 200],
  },
  {
    name: 'DELETE member that is none',
    send: (api) => api.call('DELETE', `/api/channel/${channel}/members/${users.stranger.userId}`),
    statuses: [401, 404, 403, 403, 204, 204],
  },
  {
    name: 'POST user',
    send: (api) => api.post('/api/user', { username: freshId() }),
    statuses: [401, 403, 403, 403, 403, 201],
  },
  {
    name: 'PATCH file',
    send: (api) => api.call('PATCH', `/api/file/${files[0]}`, { language: 'de' }),
    statuses: EDIT,
  },
  {
    name: 'DELETE file',
    send: (api, index) => api.call('DELETE', `/api/file/${files[index] as Id}`),
    statuses: EDIT,
  },
  {
    name: 'GET files of a node',
    send: (api) => api.get(`/api/file?contentnode=${node}`),
    statuses: [401, 200, 200, 200, 200, 200],
  },
  {
    name: 'POST upload_url',
    send: (api) => api.post('/api/file/upload_url', BYTES),
    statuses: [401, 201, 201, 201, 201, 201],
  },
  {
    name: 'GET nodes',
    send: (api) => api.get(`/api/contentnode?parent=${channel}`),
    statuses: [401, 200, 200, 200, 200, 200],
  },
  {
    name: 'POST channel',
    send: (api) => api.post('/api/channel', { name: 'mine' }),
    statuses: [401, 201, 201, 201, 201, 201],
  },
  {
    name: 'POST sync',
    send: (api) => api.post('/api/sync', { client_id: freshId(), channel_revs: { [channel]: 0 } }),
    statuses: [401, 200, 200, 200, 200, 200],
  },
  {
    name: 'GET snapshot of the past',
    send: (api) => api.get(`/api/channel/${channel}/snapshot?at=1`),
    statuses: READ,
  },
  { name: 'GET me', send: (api) => api.get('/api/user/me'), statuses: [401, 200, 200, 200, 200, 200] },
  {
    name: 'GET an address that is none',
    send: (api) => api.get('/api/nothing'),
    statuses: [404, 404, 404, 404, 404, 404],
  },
];
describe.each(RULES)('$name', ({ send, statuses }) => {
  test.each(EVERYBODY.map((who, index) => ({ who, status: statuses[index], index })))(
    '$who: $status',
    async ({ who, status, index }) => {
      const reply = await send(users[who], index);
      expect(reply.status).toBe(status);
      if ((status as number) >= 400) {
        expect(reply.json).toEqual({
          error: expect.objectContaining({ code: expect.any(String), message: expect.any(String) }),
        });
      }
    },
  );
});

test('DELETE channel: an owner may, an editor may not; then it is gone for everybody', async () => {
  const path = `/api/channel/${channel}`;
  const status = async (who: Who) => (await users[who].call('DELETE', path)).status;
  expect([await status('stranger'), await status('viewer'), await status('editor'), await status('owner')]).toEqual([
    404, 403, 403, 204,
  ]);
  for (const who of ['editor', 'owner', 'admin'] as const) expect((await users[who].get(path)).status).toBe(404);
  expect((await users.owner.get(`/api/contentnode/${node}`)).status).toBe(404);
});

test('a revoked token and a disabled user get 401 at once', async () => {
  const gone = await world.user('gone');
  expect((await gone.get('/api/user/me')).status).toBe(200);
  await world.server.admin('user.disable', { username: 'gone' });
  expect((await gone.get('/api/user/me')).status).toBe(401);
  const other = await world.user('other');
  expect((await other.get('/api/user/me')).status).toBe(200);
  await world.server.admin('token.revoke', { token: other.token });
  expect((await other.get('/api/user/me')).status).toBe(401);
});

test('lists hold only what one may view', async () => {
  const { id, topics } = await users.owner.channel(['only mine']);
  for (const query of [
    `parent=${id}`,
    `id__in=${topics[0]}`,
    `channel_id=${id}`,
    `ancestors_of=${topics[0]}`,
    'search=only+mine',
  ]) {
    expect((await users.owner.get(`/api/contentnode?${query}`)).json['results']).not.toEqual([]);
    expect((await users.stranger.get(`/api/contentnode?${query}`)).json['results']).toEqual([]);
  }
  const channels = (await users.stranger.get('/api/channel')).json['results'] as { id: Id }[];
  expect(channels.map((one) => one.id)).not.toContain(id);
  const file = freshId();
  const of = { type: 'CREATED', table: 'file', key: file, channel_id: id };
  await users.owner.sync([{ ...of, obj: { ...BYTES, contentnode: topics[0] as Id } }]);
  for (const query of [`id=${file}`, `id__in=${file}`, `contentnode=${topics[0]}`]) {
    expect(JSON.parse((await users.owner.get(`/api/file?${query}`)).text)).toHaveLength(1);
    expect(JSON.parse((await users.stranger.get(`/api/file?${query}`)).text)).toEqual([]);
  }
  const pulled = (await users.stranger.post('/api/sync', { client_id: freshId(), channel_revs: { [id]: 0 } })).json;
  expect(pulled).toMatchObject({ changes: [], channel_revs: {}, unavailable: [id] });
});
