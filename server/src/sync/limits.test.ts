import { expect, test } from 'vitest';
import { LIMITS } from '@cambium/protocol';
import { checkTree } from '../tree/index.ts';
import { TestClient, id, testWorld } from './testing/world.ts';

test('a channel has at most 10,000,000 nodes, those that the batch makes and removes counted', async () => {
  const world = await testWorld();
  const client = new TestClient(world.writer, world.owner);
  const [channel, a, b] = [id(), id(), id()];
  await client.send(client.channel(channel), client.topic(channel, a, channel));
  // What the tree has stored of its size is what counts: nobody waits for ten million rows.
  world.connection.raw.prepare(`UPDATE node SET total_count = ? WHERE id = ?`).run(LIMITS.nodes - 2, channel);
  const verdicts = await client.verdicts(
    client.topic(channel, b, channel),
    client.topic(channel, id(), channel),
    client.copied(channel, id(), a, channel),
    client.deleted(channel, b),
    client.copied(channel, id(), a, channel),
    client.topic(channel, id(), channel),
  );
  expect(verdicts).toEqual([
    'applied',
    'rejected: too_large',
    'rejected: too_large',
    'applied',
    'applied',
    'rejected: too_large',
  ]);
});

test('a change with more keys than any row can hold is refused before anybody lays them on', async () => {
  const world = await testWorld();
  const client = new TestClient(world.writer, world.owner);
  const [channel, a] = [id(), id()];
  await client.send(client.channel(channel), client.topic(channel, a, channel));
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`extra_fields.k${i}`, 1]));
  expect(
    await client.verdicts(
      client.updated(channel, a, many(LIMITS.keys + 1)),
      client.updated(channel, a, { title: 'x' }, { base: many(LIMITS.keys + 1) }),
      client.updated(channel, a, many(LIMITS.keys)),
    ),
  ).toEqual(['rejected: too_large', 'rejected: too_large', 'applied']);
});

test('only an owner deletes a channel, whichever way the change comes', async () => {
  const world = await testWorld();
  const owner = new TestClient(world.writer, world.owner);
  const editor = new TestClient(world.writer, world.stranger);
  const channel = id();
  await owner.send(owner.channel(channel));
  await world.writer.command('member.set', { by: null, channel, user: world.stranger.id, role: 'editor' });
  const end = (client: TestClient, type: string | number) =>
    ({ ...client.change('DELETED', channel, channel), table: 'channel', type }) as ReturnType<TestClient['channel']>;
  expect(await editor.verdicts(end(editor, 'DELETED'), end(editor, 3))).toEqual([
    'disallowed: forbidden',
    'disallowed: forbidden',
  ]);
  expect(await owner.verdicts(end(owner, 3))).toEqual(['applied']);
});

test('a group makes at most 100,000 nodes, as one copy does', { timeout: 60_000 }, async () => {
  const world = await testWorld();
  const client = new TestClient(world.writer, world.owner);
  const [channel, top] = [id(), id()];
  await client.send(client.channel(channel), client.topic(channel, top, channel));
  for (let batch = 0; batch < 5; batch += 1)
    await client.send(...Array.from({ length: 3_400 }, () => client.topic(channel, id(), top)));
  // 17,001 nodes a copy.
  const inGroup = (count: number, group: string) =>
    Array.from({ length: count }, () => ({ ...client.copied(channel, id(), top, channel), group }));
  const failed = Array<string>(5).fill('rejected: group_failed');
  expect(await client.verdicts(...inGroup(6, 'six'))).toEqual([...failed, 'rejected: too_large']);
  expect(await client.verdicts(...inGroup(2, 'two'))).toEqual(['applied', 'applied']);
  expect(checkTree(world.connection.raw)).toEqual([]);
});
