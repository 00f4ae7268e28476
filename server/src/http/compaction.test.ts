import { afterEach, beforeEach, expect, test } from 'vitest';
import { realWorld } from '../world.ts';
import { startTestServer, type Api, type TestServer } from './testing/harness.ts';

const DAY = 86_400_000;

let it: TestServer;
let owner: Api;
let now: number;

beforeEach(async () => {
  now = Date.now();
  it = await startTestServer({}, { world: { ...realWorld('error'), clock: { now: () => now } } });
  owner = await it.user('owner');
});
afterEach(() => it.stop());

const compact = async () => ((await it.server.admin('compact', { keep: 0 })) as { entries: number }).entries;

test('the log after the rev of a snapshot begun in the last 24 h is kept', async () => {
  const { id } = await owner.channel(['A', 'B', 'C', 'D']);
  const at = (rev: number) => owner.get(`/api/channel/${id}/snapshot?at=${rev}`);
  now += DAY;
  expect((await at(3)).status).toBe(200);
  expect(await compact()).toBe(3);
  now += DAY - 60_000;
  expect(await compact()).toBe(0);
  expect((await at(3)).status).toBe(200);
  expect((await at(2)).status).toBe(410);
  // The one at 2 was none; the second one at 3 holds for another day, and a little.
  now += DAY - 60_000;
  expect(await compact()).toBe(0);
  now += 7_200_000;
  expect(await compact()).toBe(2);
  expect([(await at(3)).status, (await at(5)).status]).toEqual([410, 200]);
  expect((await owner.sync([], { channel_revs: { [id]: 3 } }))['snapshot_required']).toEqual([id]);
  expect((await owner.sync([], { channel_revs: { [id]: 5 } }))['channel_revs']).toEqual({ [id]: 5 });
});

test('so is what a snapshot of the present still needs', async () => {
  const { id } = await owner.channel(['A']);
  expect((await owner.get(`/api/channel/${id}/snapshot`)).text).toContain('"server_rev":2');
  await owner.sync([
    { type: 'UPDATED', table: 'channel', key: id, channel_id: id, mods: { name: 'Later' } },
    { type: 'UPDATED', table: 'channel', key: id, channel_id: id, mods: { name: 'Later still' } },
  ]);
  now += DAY / 2;
  expect(await compact()).toBe(2);
  expect((await owner.get(`/api/channel/${id}/snapshot?at=2`)).status).toBe(200);
});

test('the log and its pages go on from the checkpoint, and more can be written', async () => {
  const { id, topics } = await owner.channel(['A', 'B']);
  now += DAY;
  expect(await compact()).toBe(3);
  const [result] = (
    await owner.sync([
      {
        type: 'MOVED',
        table: 'contentnode',
        key: topics[1] as string,
        channel_id: id,
        target: id,
        position: 'first-child',
      },
    ])
  )['results'] as object[];
  expect(result).toMatchObject({ status: 'applied', server_rev: 4 });
  const { json } = await owner.get(`/api/channel/${id}/changes?after=0`);
  expect((json['results'] as { server_rev: number }[]).map(({ server_rev }) => server_rev)).toEqual([4]);
});
