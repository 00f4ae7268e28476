import { expect, it } from 'vitest';
import type { Id, JsonObject } from '@cambium/protocol';
import { snapshot, type SnapshotQuery } from './snapshot.ts';
import { TestClient, id, testWorld, type World } from './testing/world.ts';

async function lines(world: World, query: Partial<SnapshotQuery> = {}): Promise<JsonObject[]> {
  let text = '';
  for await (const piece of await snapshot(world.connection.raw, { channel: 1, viewer: world.owner, ...query }))
    text += piece;
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonObject);
}

function rows(all: JsonObject[], table = 'contentnode'): JsonObject[] {
  return all.filter((line) => line['table'] === table).map((line) => line['row'] as JsonObject);
}

async function start() {
  const world = await testWorld();
  const client = new TestClient(world.writer, world.owner);
  const [channel, a, a1, b] = [id(), id(), id(), id()];
  await client.send(
    client.channel(channel, 'Root'),
    client.topic(channel, a, channel, 'A'),
    client.change('CREATED', channel, a1, {
      obj: { parent: a, kind: 'exercise', title: 'A1', tags: { algebra: true } },
    }),
    client.topic(channel, b, channel, 'B'),
    {
      ...client.change('CREATED', channel, id(), { obj: { contentnode: a1, question: 'Q' } }),
      table: 'assessmentitem',
    },
    { ...client.change('CREATED', channel, [a1, b]), table: 'contentnode_prerequisite' },
  );
  return { world, client, channel, a, a1, b };
}

it('has every row in order between a header and an end', async () => {
  const { world, channel, a, a1, b } = await start();
  const all = await lines(world);
  expect(all[0]).toEqual({ channel_id: channel, server_rev: 6, nodes: 4, files: 0 });
  expect(all.at(-1)).toEqual({ end: true, nodes: 4, files: 0 });
  expect(all.slice(1, -1).map((line) => line['table'])).toEqual([
    ...Array.from({ length: 4 }, () => 'contentnode'),
    'assessmentitem',
    'contentnode_prerequisite',
  ]);
  expect(rows(all).map((row) => [row['id'], row['parent_id']])).toEqual([
    [channel, null],
    [a, channel],
    [a1, a],
    [b, channel],
  ]);
  expect(rows(all)[0]).toMatchObject({
    total_count: 3,
    resource_count: 1,
    has_children: true,
    root_id: channel,
    original_channel_name: 'Root',
  });
  expect(rows(all)[2]).toMatchObject({
    tags: ['algebra'],
    assessment_item_count: 1,
    has_children: false,
    has_new_descendants: false,
  });
});

it('is the same at the head whether it is read or replayed', async () => {
  const { world } = await start();
  const [now, then] = [await lines(world), await lines(world, { at: 6 })];
  expect(then.slice(1, -1)).toEqual(now.slice(1, -1));
});

it('shows the state and the fields of a past rev', async () => {
  const { world, client, channel, a, b } = await start();
  await client.send(
    client.moved(channel, b, a, 'left'),
    client.updated(channel, a, { title: 'later' }),
    client.deleted(channel, b),
  );
  const past = rows(await lines(world, { at: 7 }));
  expect(past.map((row) => row['title'])).toEqual(['Root', 'B', 'A', 'A1']);
  expect(rows(await lines(world)).map((row) => row['title'])).toEqual(['Root', 'later', 'A1']);
});

it('gives a part of the tree with what hangs on it, and goes on where a stream was cut', async () => {
  const { world, a, a1, b } = await start();
  const part = await lines(world, { under: a });
  expect(rows(part).map((row) => row['id'])).toEqual([a, a1]);
  expect(part.slice(1, -1).map((line) => line['table'])).toEqual([
    'contentnode',
    'contentnode',
    'assessmentitem',
    'contentnode_prerequisite',
  ]);
  const rest = await lines(world, { at: 6, after: `contentnode:${a1}` });
  expect(rest.slice(1, 2).map((line) => (line['row'] as JsonObject)['id'])).toEqual([b]);
  expect(rest.at(-1)).toEqual({ end: true, nodes: 4, files: 0 });
});

it('refuses what cannot be', async () => {
  const { world } = await start();
  for (const at of [-1, 0, 1.5, Number.NaN, 7])
    await expect(lines(world, { at })).rejects.toMatchObject({ error: { code: 'invalid_value', field: 'at' } });
  await expect(lines(world, { under: id() })).rejects.toMatchObject({ error: { code: 'not_found' } });
  await expect(lines(world, { at: 2, after: `contentnode:${id()}` })).rejects.toMatchObject({
    error: { code: 'invalid_value', field: 'after' },
  });
  await expect(lines(world, { channel: 99 })).rejects.toMatchObject({ error: { code: 'not_found' } });
});

it('finds the rows of a large copy, which its entry does not carry', async () => {
  const { world, client, channel, a } = await start();
  const many: Id[] = Array.from({ length: 300 }, () => id());
  await client.send(...many.map((key, i) => client.topic(channel, key, a, `${i}`)));
  const [copied] = await client.send(client.copied(channel, id(), a, channel));
  expect(copied).toMatchObject({ status: 'applied' });
  const head = copied && 'server_rev' in copied ? copied.server_rev : 0;
  const entry = world.connection.raw
    .prepare<[number], { entry: string }>('SELECT entry FROM change_log WHERE rev = ?')
    .get(head);
  expect(JSON.parse(entry?.entry ?? '')).toMatchObject({ rows_at: `/api/channel/${channel}/rows/${head}` });
  const [now, then] = [await lines(world), await lines(world, { at: head })];
  // Files and items come in the order of their tables; nodes are in the order of the tree.
  expect(rows(then)).toEqual(rows(now));
});
