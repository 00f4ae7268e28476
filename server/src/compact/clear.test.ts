import { expect, it } from 'vitest';
import type { Id } from '@cambium/protocol';
import { checkLog } from '../sync/checkLog.ts';
import { TestClient, id, testWorld, type Sent, type World } from '../sync/testing/world.ts';
import { checkTree } from '../tree/index.ts';
import { takeRemains } from './compactor.ts';

/** A channel of `count` topics in branches, an exercise with an item and a pair, and another channel beside it. */
async function start(count: number) {
  const world = await testWorld();
  const client = new TestClient(world.writer, world.owner);
  const [channel, other, exercise, item] = [id(), id(), id(), id()];
  const topics: Id[] = [];
  for (let i = 0; i < count; i += 1) topics.push(id());
  const all = topics.map((key, i) => client.topic(channel, key, i === 0 ? channel : (topics[(i - 1) >> 1] as Id)));
  const verdicts = await client.verdicts(
    client.channel(channel),
    ...all,
    client.change('CREATED', channel, exercise, { obj: { parent: channel, kind: 'exercise', title: 'Sums' } }),
    table('assessmentitem', client.change('CREATED', channel, item, { obj: { contentnode: exercise, type: 'input' } })),
    table('contentnode_prerequisite', client.change('CREATED', channel, [topics[0] as Id, exercise])),
    client.channel(other),
  );
  expect(verdicts.filter((verdict) => verdict !== 'applied')).toEqual([]);
  return { world, client, channel, other, topics: [...topics, exercise], item };
}

const FILE = { checksum: 'c'.repeat(32), size: 5, name: 'a.pdf', file_format: 'pdf', preset: 'document' };

const table = (name: string, change: Sent): Sent => ({ ...change, table: name });
const left = ({ connection }: World) =>
  connection.raw.prepare('SELECT count(*) FROM node WHERE channel = 1').pluck().get() as number;
const violations = async ({ connection }: World) => [
  ...checkTree(connection.raw).map(({ rule, message }) => `${rule}: ${message}`),
  ...(await checkLog(connection.raw)),
];

/** What the writer makes of changes that name a node of a channel that is gone, from within it and from another one. */
async function answers(client: TestClient, channel: Id, other: Id, node: Id): Promise<string[]> {
  return client.verdicts(
    client.updated(channel, node, { title: 'x' }),
    client.updated(other, node, { title: 'x' }),
    client.topic(other, id(), node),
    client.moved(other, node, other),
    client.copied(other, id(), node, other),
    client.deleted(other, node),
    client.topic(other, node, other),
    client.copied(other, node, other, other),
    table('file', client.change('CREATED', other, node, { obj: { ...FILE, contentnode: other } })),
    table('contentnode_prerequisite', client.change('CREATED', other, [other, node])),
    client.channel(node),
    table('assessmentitem', client.updated(other, node, { order: 3 })),
    table('assessmentitem', client.change('CREATED', other, node, { obj: { contentnode: other, type: 'input' } })),
    table('assessmentitem', client.change('CREATED', other, id(), { obj: { contentnode: node, type: 'input' } })),
  );
}

it('the nodes of a deleted channel are gone for every change before, while and after they are taken out', async () => {
  const { world, client, channel, other, topics, item } = await start(60);
  expect(await client.verdicts(table('channel', client.deleted(channel, channel)))).toEqual(['applied']);
  const [first, last] = [topics[0] as Id, topics.at(-1) as Id];
  const all = async () => {
    const said = [];
    for (const node of [first, last, item]) said.push(await answers(client, channel, other, node));
    return said;
  };
  const before = await all();
  expect(left(world)).toBe(62);
  const clear = () => world.writer.command('channel.clear', { channel: 1, most: 7 });
  for (let steps = 1; await clear(); steps += 1) {
    // Its item and its pair go first.
    expect(left(world)).toBe(Math.max(0, 64 - 7 * steps));
    expect(await violations(world)).toEqual([]);
    expect(await all()).toEqual(before);
  }
  expect(left(world)).toBe(0);
  expect(await violations(world)).toEqual([]);
  expect(await all()).toEqual(before);
  // What is told of such a node is what is told of none.
  const unknown = await answers(client, id(), other, id());
  expect(before[0]?.slice(0, 6)).toEqual(unknown.slice(0, 6));
  expect(before[0]?.slice(6, 9)).toEqual(Array.from({ length: 3 }, () => 'rejected: already_exists'));
});

it('a deletion writes none of the nodes, however many there are; a run takes them out, and goes on after a break', async () => {
  const { world, client, channel } = await start(1_200);
  const written = () => world.connection.raw.prepare('SELECT total_changes()').pluck().get() as number;
  const already = written();
  await client.send(table('channel', client.deleted(channel, channel)));
  expect(written() - already).toBeLessThan(30);

  const run = (signal: AbortSignal) =>
    takeRemains({ reader: world.connection, writer: world.writer, clock: world.deps.clock, signal });
  await expect(run(AbortSignal.abort(new Error('stopping')))).rejects.toThrow('stopping');
  expect(left(world)).toBe(704);
  expect(await violations(world)).toEqual([]);
  await run(new AbortController().signal);
  expect(left(world)).toBe(0);
  expect(await violations(world)).toEqual([]);
});

it('a channel that lives is not cleared', async () => {
  const { world } = await start(5);
  const cleared = world.writer.command('channel.clear', { channel: 1, most: 7 });
  await expect(cleared).rejects.toMatchObject({ error: { code: 'internal_error' } });
  expect(left(world)).toBe(7);
});

it('a channel that is deleted and its nodes that are moved or made in the same batch leave nothing to be seen', async () => {
  const { world, client, channel, other, topics } = await start(20);
  const made = id();
  expect(
    await client.verdicts(
      client.topic(channel, made, channel),
      client.moved(channel, topics[5] as Id, channel),
      client.deleted(channel, topics[1] as Id),
      table('channel', client.deleted(channel, channel)),
      client.copied(other, id(), topics[5] as Id, other),
      client.topic(other, topics[5] as Id, other),
    ),
  ).toEqual(['applied', 'applied', 'applied', 'applied', 'rejected: not_found', 'rejected: already_exists']);
  expect(await violations(world)).toEqual([]);
  await takeRemains({
    reader: world.connection,
    writer: world.writer,
    clock: world.deps.clock,
    signal: new AbortController().signal,
  });
  expect(left(world)).toBe(0);
  expect(await violations(world)).toEqual([]);
  expect(await client.verdicts(client.topic(other, topics[5] as Id, other))).toEqual(['rejected: already_exists']);
});
