import { registerTable, type Id, type JsonObject } from '@cambium/protocol';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkFolder } from '../check.ts';
import { freshId, startTestServer, type TestServer } from './testing/harness.ts';

let server: TestServer;
let gone: { id: Id; topics: Id[] };
let other: { id: Id; topics: Id[] };
let file: Id;

beforeAll(async () => {
  server = await startTestServer({ LOG_KEEP: 'forever' });
  const { admin } = server;
  gone = await admin.channel(['Alpha', 'Beta']);
  other = await admin.channel(['Gamma']);
  file = freshId();
  const announced = { checksum: 'c'.repeat(32), size: 5, name: 'a.pdf', file_format: 'pdf', preset: 'document' };
  await admin.sync([
    {
      type: 'CREATED',
      table: 'file',
      key: file,
      channel_id: other.id,
      obj: { ...announced, contentnode: other.topics[0] as Id },
    },
  ]);
  expect((await admin.call('DELETE', `/api/channel/${gone.id}`)).status).toBe(204);
});
afterAll(() => server.stop());

const nodes = (): number => {
  const db = new Sqlite(server.settings.databaseFile, { readonly: true });
  try {
    return db.prepare('SELECT count(*) FROM node WHERE title IN (?, ?)').pluck().get('Alpha', 'Beta') as number;
  } finally {
    db.close();
  }
};

/** Everything that could show a node of the channel. */
async function seen(): Promise<unknown[]> {
  const { admin } = server;
  const [node] = gone.topics as [Id];
  const lists = [
    `parent=${gone.id}`,
    `parent__in=${gone.id}`,
    `id__in=${gone.topics.join(',')}`,
    `root_id=${gone.id}`,
    `channel_id=${gone.id}`,
    `ancestors_of=${node}`,
    `descendants_of=${gone.id}`,
    `search=Alpha`,
  ];
  const found = [];
  for (const query of lists) {
    const { status, json } = await admin.get(`/api/contentnode?${query}`);
    found.push(status === 200 ? (json['results'] as JsonObject[]).length : status);
  }
  const statuses = [];
  for (const path of [
    `/api/contentnode/${node}`,
    `/api/contentnode/${node}/requisites`,
    `/api/contentnode/${gone.id}/size`,
    `/api/channel/${gone.id}`,
    `/api/channel/${gone.id}/snapshot`,
    `/api/channel/${gone.id}/snapshot?at=2`,
    `/api/channel/${gone.id}/changes`,
  ])
    statuses.push((await admin.get(path)).status);
  const writes = [
    await admin.call('PATCH', `/api/contentnode/${node}`, { title: 'x' }),
    await admin.call('DELETE', `/api/contentnode/${node}`),
    await admin.post('/api/contentnode', { parent: node, kind: 'topic', title: 'x' }),
    await admin.call('PATCH', `/api/file/${file}`, { contentnode: node }),
  ].map(({ status, json }) => [status, (json['error'] as JsonObject)['code']]);
  return [found, statuses, writes];
}

it('what is left of a deleted channel is seen by nobody, and taken out when the log is compacted', async () => {
  const before = await seen();
  expect(nodes()).toBe(2);
  expect(before[0]).toEqual(Array.from({ length: 8 }, () => 0));
  expect(before[1]).toEqual(Array.from({ length: 7 }, () => 404));
  expect(await checkFolder(server.settings)).toEqual([]);
  await server.server.admin('compact', {});
  expect(nodes()).toBe(0);
  expect(await seen()).toEqual(before);
  expect(await checkFolder(server.settings)).toEqual([]);
});

it("no upload gets the id of an application's row, of a channel that lives or of a deleted one", async () => {
  registerTable({ name: 'note', schema: { safeParse: (data) => ({ success: true, data: data as JsonObject }) } });
  const { admin } = server;
  const { id: channel } = await admin.channel();
  const note = freshId();
  await admin.sync([{ type: 'CREATED', table: 'note', key: note, channel_id: channel, obj: { text: 'x' } }]);
  const announced = { checksum: 'd'.repeat(32), size: 5, name: 'a.pdf', file_format: 'pdf', preset: 'document' };
  const reserve = async () => (await admin.post('/api/file/upload_url', { id: note, ...announced })).status;
  expect(await reserve()).toBe(409);
  expect((await admin.call('DELETE', `/api/channel/${channel}`)).status).toBe(204);
  expect(await reserve()).toBe(409);
  await server.server.admin('compact', {});
  expect(await reserve()).toBe(409);
});
