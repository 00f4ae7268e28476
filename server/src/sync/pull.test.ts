import { expect, it } from 'vitest';
import type { Id, LogEntry } from '@cambium/protocol';
import { pull } from './pull.ts';
import { readChanges } from './changes.ts';
import { TestClient, id, testWorld, type World } from './testing/world.ts';

async function worldWith(...counts: number[]): Promise<{ world: World; client: TestClient; channels: Id[] }> {
  const world = await testWorld();
  const client = new TestClient(world.writer, world.owner);
  const channels = counts.map(() => id());
  for (const [index, channel] of channels.entries()) {
    const topics = Array.from({ length: counts[index] as number }, (_, i) =>
      client.topic(channel, id(), channel, `${i}`),
    );
    await client.send(client.channel(channel), ...topics);
  }
  return { world, client, channels };
}

const parse = (changes: string[]): LogEntry[] => changes.map((text) => JSON.parse(text) as LogEntry);

it('delivers what follows the cursor, in order, and the cursor to go on with', async () => {
  const { world, channels } = await worldWith(5);
  const [channel] = channels as [Id];
  const first = pull(world.connection.raw, world.owner, { [channel]: 2 });
  expect(parse(first.changes).map(({ server_rev }) => server_rev)).toEqual([3, 4, 5, 6]);
  expect(first).toMatchObject({ channel_revs: { [channel]: 6 }, more: false });
  expect(first).not.toHaveProperty('unavailable');
  expect(pull(world.connection.raw, world.owner, { [channel]: 6 })).toEqual({
    changes: [],
    channel_revs: { [channel]: 6 },
    more: false,
  });
});

it('loses and doubles nothing over pages, and channels take turns', async () => {
  const { world, channels } = await worldWith(450, 450, 450, 3);
  const cursors: Record<Id, number> = Object.fromEntries(channels.map((channel) => [channel, 0]));
  const got = new Map<Id, number[]>(channels.map((channel) => [channel, []]));
  let pages = 0;
  for (let more = true; more; pages += 1) {
    const page = pull(world.connection.raw, world.owner, cursors);
    expect(page.changes.length).toBeLessThanOrEqual(1000);
    if (pages === 0) for (const channel of channels) expect(page.channel_revs[channel]).toBeGreaterThan(0);
    for (const entry of parse(page.changes)) got.get(entry.channel_id)?.push(entry.server_rev);
    for (const channel of channels)
      expect(page.channel_revs[channel]).toBe(got.get(channel)?.at(-1) ?? cursors[channel]);
    Object.assign(cursors, page.channel_revs);
    more = page.more;
  }
  expect(pages).toBe(2);
  expect([...got.values()]).toEqual([451, 451, 451, 4].map((n) => Array.from({ length: n }, (_, i) => i + 1)));
});

it('keeps to its bytes, but lets one larger entry through', async () => {
  const { world, client, channels } = await worldWith(0);
  const [channel] = channels as [Id];
  const mods = (n: number) => ({ description: 'd'.repeat(n) });
  await client.send(...Array.from({ length: 4 }, () => client.updated(channel, channel, mods(900_000))));
  const revs: number[][] = [];
  for (let at = 1; at < 5; at = revs.at(-1)?.at(-1) ?? 5) {
    const page = pull(world.connection.raw, world.owner, { [channel]: at }, { entries: 1000, bytes: 500_000 });
    revs.push(parse(page.changes).map(({ server_rev }) => server_rev));
  }
  expect(revs).toEqual([[2], [3], [4], [5]]);
});

it('tells nothing of channels that may not be viewed, and asks for a snapshot where the log does not reach', async () => {
  const { world, channels } = await worldWith(1);
  const [channel] = channels as [Id];
  const nowhere = id();
  expect(pull(world.connection.raw, world.stranger, { [channel]: 0, [nowhere]: 0 })).toEqual({
    changes: [],
    channel_revs: {},
    more: false,
    unavailable: [channel, nowhere],
  });
  expect(pull(world.connection.raw, world.owner, { [channel]: 99 })).toMatchObject({
    changes: [],
    snapshot_required: [channel],
  });
});

it('delivers the end of a channel to those who were members then, and is silent afterwards', async () => {
  const { world, client, channels } = await worldWith(1);
  const [channel] = channels as [Id];
  await client.send({ ...client.deleted(channel, channel), table: 'channel' });
  const last = pull(world.connection.raw, world.owner, { [channel]: 2 });
  expect(parse(last.changes)).toMatchObject([{ type: 'DELETED', table: 'channel', server_rev: 3 }]);
  expect(pull(world.connection.raw, world.owner, { [channel]: 3 })).toMatchObject({
    unavailable: [channel],
    channel_revs: {},
  });
  expect(pull(world.connection.raw, world.stranger, { [channel]: 0 })).toMatchObject({ unavailable: [channel] });
});

it('pages the log both ways', async () => {
  const { world } = await worldWith(5);
  const revs = (query: Parameters<typeof readChanges>[2]) => {
    const { results, more } = readChanges(world.connection.raw, 1, query);
    return [parse(results).map(({ server_rev }) => server_rev), more];
  };
  expect(revs({ limit: 10 })).toEqual([[1, 2, 3, 4, 5, 6], false]);
  expect(revs({ after: 2, limit: 2 })).toEqual([[3, 4], true]);
  expect(revs({ order: 'desc', before: 5, limit: 2 })).toEqual([[4, 3], true]);
});
