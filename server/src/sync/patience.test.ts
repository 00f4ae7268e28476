import { expect, test } from 'vitest';
import type { ChangeResult, Id } from '@cambium/protocol';
import { checkTree } from '../tree/index.ts';
import { TestClient, id, outline, testWorld, verdictOf, type Sent } from './testing/world.ts';

/** A machine on which everything takes long: each look at the clock finds it a second later. */
async function slowWorld() {
  let time = 1_750_000_000_000;
  const world = await testWorld(':memory:', () => (time += 1_000));
  const client = new TestClient(world.writer, world.owner);
  const channel = id();
  await client.send(client.channel(channel, 'Root'));
  return { world, client, channel };
}

test('a batch that takes too long is answered as far as it came, and what was not answered has no effect', async () => {
  const { world, client, channel } = await slowWorld();
  const titles = Array.from({ length: 20 }, (_, i) => `T${i}`);
  const batch = titles.map((title) => client.topic(channel, id(), channel, title));
  const first = await client.send(...batch);
  expect(first.length).toBeGreaterThan(0);
  expect(first.length).toBeLessThan(batch.length);
  expect(outline(world, channel)).toEqual(['Root', ...titles.slice(0, first.length).map((title) => `  ${title}`)]);

  const results = [...first];
  for (let rest = batch; results.length < batch.length;) {
    rest = batch.slice(results.length);
    const more = await client.send(...rest);
    expect(more.length).toBeGreaterThan(0);
    results.push(...more);
  }
  expect(results.map(({ rev }) => rev)).toEqual(batch.map(({ rev }) => rev));
  expect(new Set(results.map(verdictOf))).toEqual(new Set(['applied']));
  expect(outline(world, channel)).toEqual(['Root', ...titles.map((title) => `  ${title}`)]);
  expect(checkTree(world.connection.raw)).toEqual([]);
  expect(await client.send(...batch.slice(0, 1))).toEqual(results.slice(0, 1));
});

test('no answer ends within a group, however late it is', async () => {
  const { world, client, channel } = await slowWorld();
  const member = (title: string, group: string): Sent => ({ ...client.topic(channel, id(), channel, title), group });
  const inGroup = (name: string) => Array.from({ length: 12 }, (_, i) => member(`${name}${i}`, name));
  const batch = [...inGroup('a'), ...inGroup('b'), client.topic(channel, id(), channel, 'last')];
  const first = await client.send(...batch);
  expect(first).toHaveLength(12);
  expect(outline(world, channel)).toHaveLength(13);
  expect(await client.send(...batch.slice(12))).toHaveLength(12);
});

test('each of the batches that share a commit gets on', async () => {
  const { world, channel } = await slowWorld();
  const clients = Array.from({ length: 8 }, () => new TestClient(world.writer, world.owner));
  const batches = clients.map((client) => Array.from({ length: 5 }, () => client.topic(channel, id(), channel)));
  const answers = await Promise.all(clients.map((client, i) => client.send(...(batches[i] as Sent[]))));
  for (const answer of answers) expect(answer.length).toBeGreaterThan(0);
  const count = answers.reduce((sum, answer: ChangeResult[]) => sum + answer.length, 0);
  expect(outline(world, channel)).toHaveLength(1 + count);
});

test('a batch that names more than memory should hold is answered as far as it came', { timeout: 60_000 }, async () => {
  const world = await testWorld();
  const client = new TestClient(world.writer, world.owner);
  const [channel, target] = [id(), id()];
  await client.send(client.channel(channel), client.topic(channel, target, channel));
  const description = 'x'.repeat(1_000_000);
  const large: Id[] = [];
  for (let batch = 0; batch < 8; batch += 1) {
    const made = Array.from({ length: 12 }, id);
    const obj = { parent: channel, kind: 'topic', title: 'Large', description };
    await client.send(...made.map((key) => client.change('CREATED', channel, key, { obj })));
    large.push(...made);
  }
  const moves = large.map((key) => client.moved(channel, key, target));
  const first = await client.send(...moves);
  expect(first.length).toBeGreaterThan(50);
  expect(first.length).toBeLessThan(80);
  const second = await client.send(...moves.slice(first.length));
  expect(first.length + second.length).toBe(moves.length);
  expect(new Set([...first, ...second].map(verdictOf))).toEqual(new Set(['applied']));
  expect(checkTree(world.connection.raw)).toEqual([]);
});
