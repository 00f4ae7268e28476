import { registerTable, type Id, type JsonObject } from '@cambium/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, freshId, startTestServer, topic, type TestServer } from './testing/harness.ts';

type Who = 'stranger' | 'viewer' | 'editor' | 'owner' | 'admin';
const EVERYBODY: Who[] = ['stranger', 'viewer', 'editor', 'owner', 'admin'];

registerTable({ name: 'remark', schema: { safeParse: (data) => ({ success: true, data: data as JsonObject }) } });

let world: TestServer;
const users = {} as Record<Who, Api>;

beforeAll(async () => {
  world = await startTestServer();
  users.admin = world.admin;
  for (const who of ['stranger', 'viewer', 'editor', 'owner'] as const) users[who] = await world.user(who);
});
afterAll(() => world.stop());

/** A channel with one row of every table. */
interface Scene {
  channel: Id;
  a: Id;
  b: Id;
  exercise: Id;
  item: Id;
  file: Id;
  remark: Id;
}

async function scene(): Promise<Scene> {
  const { owner } = users;
  const { id: channel, topics } = await owner.channel(['A', 'B']);
  const [a, b] = topics as [Id, Id];
  const [exercise, item, file, remark] = [freshId(), freshId(), freshId(), freshId()];
  const of = { channel_id: channel, type: 'CREATED' };
  const bytes = { checksum: '0'.repeat(32), size: 3, name: 'a.pdf', file_format: 'pdf', preset: 'document' };
  const { results } = (await owner.sync([
    { ...of, table: 'contentnode', key: exercise, obj: { parent: a, kind: 'exercise', title: 'E' } },
    { ...of, table: 'assessmentitem', key: item, obj: { contentnode: exercise } },
    { ...of, table: 'file', key: file, obj: { ...bytes, contentnode: b } },
    { ...of, table: 'contentnode_prerequisite', key: [a, b] },
    { ...of, table: 'remark', key: remark, obj: { text: 'x' } },
  ])) as { results: JsonObject[] };
  expect(results.map(({ status }) => status)).toEqual(Array(5).fill('applied'));
  for (const role of ['viewer', 'editor'] as const) {
    await owner.call('PUT', `/api/channel/${channel}/members/${users[role].userId}`, { role });
  }
  return { channel, a, b, exercise, item, file, remark };
}

type Make = (at: Scene) => JsonObject;
const bytes = { checksum: '1'.repeat(32), size: 3, name: 'a.pdf', file_format: 'pdf', preset: 'document' };

/** Every type of change that each table has. */
const CHANGES: Record<string, Make> = {
  'contentnode CREATED': ({ channel, a }) => topic(channel, freshId(), a, 'new'),
  'contentnode UPDATED': ({ a }) => ({ type: 'UPDATED', table: 'contentnode', key: a, mods: { title: 'x' } }),
  'contentnode MOVED': ({ a, b }) => ({ type: 'MOVED', table: 'contentnode', key: b, target: a }),
  'contentnode COPIED': ({ a, b }) => ({
    type: 'COPIED',
    table: 'contentnode',
    key: freshId(),
    from_key: a,
    target: b,
  }),
  'contentnode DELETED': ({ a }) => ({ type: 'DELETED', table: 'contentnode', key: a }),
  'contentnode_prerequisite CREATED': ({ b, exercise }) => ({
    type: 'CREATED',
    table: 'contentnode_prerequisite',
    key: [exercise, b],
  }),
  'contentnode_prerequisite DELETED': ({ a, b }) => ({
    type: 'DELETED',
    table: 'contentnode_prerequisite',
    key: [a, b],
  }),
  'assessmentitem CREATED': ({ exercise }) => ({
    type: 'CREATED',
    table: 'assessmentitem',
    key: freshId(),
    obj: { contentnode: exercise },
  }),
  'assessmentitem UPDATED': ({ item }) => ({
    type: 'UPDATED',
    table: 'assessmentitem',
    key: item,
    mods: { question: 'x' },
  }),
  'assessmentitem DELETED': ({ item }) => ({ type: 'DELETED', table: 'assessmentitem', key: item }),
  'file CREATED': ({ b }) => ({ type: 'CREATED', table: 'file', key: freshId(), obj: { ...bytes, contentnode: b } }),
  'file UPDATED': ({ file }) => ({ type: 'UPDATED', table: 'file', key: file, mods: { language: 'de' } }),
  'file DELETED': ({ file }) => ({ type: 'DELETED', table: 'file', key: file }),
  'channel UPDATED': ({ channel }) => ({ type: 'UPDATED', table: 'channel', key: channel, mods: { name: 'N' } }),
  'channel PUBLISHED': ({ channel }) => ({ type: 'PUBLISHED', table: 'channel', key: channel }),
  'remark CREATED': () => ({ type: 'CREATED', table: 'remark', key: freshId(), obj: { text: 'y' } }),
  'remark UPDATED': ({ remark }) => ({ type: 'UPDATED', table: 'remark', key: remark, mods: { text: 'y' } }),
  'remark DELETED': ({ remark }) => ({ type: 'DELETED', table: 'remark', key: remark }),
};
const EDIT: Record<Who, string> = {
  stranger: 'disallowed',
  viewer: 'disallowed',
  editor: 'applied',
  owner: 'applied',
  admin: 'applied',
};

async function outcome(who: Who, change: JsonObject, channel: Id): Promise<JsonObject> {
  const { results } = await users[who].sync([{ channel_id: channel, ...change }]);
  return (results as [JsonObject])[0];
}

describe.each(Object.entries(CHANGES))('%s', (_name, make) => {
  test('editors, owners and the administrator may; viewers and strangers may not, and are told nothing', async () => {
    const at = await scene();
    const statuses: Record<string, unknown> = {};
    // Who may least comes first, so that what was deleted is still there for the others.
    for (const who of EVERYBODY) {
      const result = await outcome(who, make(at), at.channel);
      statuses[who] = result['status'];
      const created = result['status'] === 'rejected' ? (result['errors'] as [JsonObject])[0]['code'] : null;
      // A pair is made once.
      if (created === 'already_exists') statuses[who] = 'applied';
      if (result['status'] !== 'disallowed') continue;
      const nowhere = await outcome(who, make(at), freshId());
      expect({ ...nowhere, rev: 0 }).toEqual({ ...result, rev: 0 });
    }
    expect(statuses).toEqual(EDIT);
  });
});

test('channel CREATED: everybody; DELETED: its owners and the administrator', async () => {
  for (const who of EVERYBODY) {
    const key = freshId();
    const made = { type: 'CREATED', table: 'channel', key, obj: { name: 'Own' } };
    expect(await outcome(who, made, key)).toMatchObject({ status: 'applied' });
    const at = await scene();
    const { status } = await outcome(who, { type: 'DELETED', table: 'channel', key: at.channel }, at.channel);
    expect([who, status]).toEqual([who, who === 'owner' || who === 'admin' ? 'applied' : 'disallowed']);
  }
});

test('a copy out of a channel: whoever may view it; into it: whoever may edit', async () => {
  const at = await scene();
  for (const who of EVERYBODY) {
    const own = freshId();
    const copy = { type: 'COPIED', table: 'contentnode', key: freshId(), from_key: at.a, target: own };
    const [, result] = (
      await users[who].sync([
        { type: 'CREATED', table: 'channel', key: own, channel_id: own, obj: { name: 'Own' } },
        { ...copy, channel_id: own },
      ])
    )['results'] as [JsonObject, JsonObject];
    if (who === 'stranger') expect(result).toMatchObject({ status: 'rejected', errors: [{ code: 'not_found' }] });
    else expect([who, result['status']]).toEqual([who, 'applied']);
  }
});

test('what is in a channel that one may not view does not exist, wherever it is named', async () => {
  const at = await scene();
  const { stranger } = users;
  const { id: own, topics } = await stranger.channel(['mine']);
  const [mine] = topics as [Id];
  const verdicts = (
    await stranger.sync(
      [
        { type: 'MOVED', table: 'contentnode', key: mine, target: at.a },
        { type: 'MOVED', table: 'contentnode', key: at.a, target: own },
        { type: 'UPDATED', table: 'contentnode', key: at.a, mods: { title: 'x' } },
        { type: 'CREATED', table: 'contentnode_prerequisite', key: [mine, at.a] },
        { type: 'CREATED', table: 'assessmentitem', key: freshId(), obj: { contentnode: at.exercise } },
        { type: 'UPDATED', table: 'assessmentitem', key: at.item, mods: { question: 'x' } },
        { type: 'CREATED', table: 'file', key: freshId(), obj: { ...bytes, contentnode: at.a } },
        { type: 'UPDATED', table: 'file', key: at.file, mods: { contentnode: mine } },
        { type: 'UPDATED', table: 'remark', key: at.remark, mods: { text: 'x' } },
      ].map((change) => ({ ...change, channel_id: own })),
    )
  )['results'] as { errors: [JsonObject] }[];
  expect(verdicts.map(({ errors }) => errors[0]['code'])).toEqual(Array(9).fill('not_found'));
});
