import { expect, it } from 'vitest';
import type { Id } from '@cambium/protocol';
import { TestClient, id, outline, testWorld, verdictOf } from '../sync/testing/world.ts';

async function start() {
  const world = await testWorld();
  const client = new TestClient(world.writer, world.owner);
  const [channel, broken] = [id(), id()];
  await client.send(client.channel(channel, 'Root'), client.topic(channel, broken, channel, 'broken'));
  return { world, client, channel, broken, tree: () => outline(world, channel) };
}

/** Makes every reading of a node fail, as a bug in the server would. */
function breakNode({ connection }: Awaited<ReturnType<typeof testWorld>>, node: Id): void {
  connection.raw.prepare(`UPDATE node SET fields = '{' WHERE id = ?`).run(node);
}

it('a change that makes the server fail is answered failed; it and what follows have no effect', async () => {
  const { world, client, channel, broken, tree } = await start();
  breakNode(world, broken);
  const batch = [
    client.topic(channel, id(), channel, 'A'),
    client.updated(channel, broken, { title: 'x' }),
    client.topic(channel, id(), channel, 'B'),
  ];
  const results = await client.send(...batch);
  expect(results.map(verdictOf)).toEqual(['applied', 'failed: internal_error']);
  expect(tree()).toEqual(['Root', '  broken', '  A']);
  expect(world.errors).toHaveLength(1);

  // Nothing was stored for it: mended, it is applied under its own rev.
  world.connection.raw.prepare(`UPDATE node SET fields = '{}' WHERE id = ?`).run(broken);
  const again = await client.send(...batch);
  expect(again.map(verdictOf)).toEqual(['applied', 'applied', 'applied']);
  expect(again[0]).toEqual(results[0]);
  expect(tree()).toEqual(['Root', '  x', '  A', '  B']);
});

it('takes nothing from the other requests of its commit', async () => {
  const { world, client, channel, broken, tree } = await start();
  breakNode(world, broken);
  const other = new TestClient(world.writer, world.owner);
  const [bad, good, write] = await Promise.all([
    client.send(client.updated(channel, broken, { title: 'x' })),
    other.send(other.topic(channel, id(), channel, 'good')),
    world.writer.commit({
      user: world.owner,
      writes: [
        {
          type: 'CREATED',
          table: 'contentnode',
          key: id(),
          channel_id: channel,
          obj: { parent: channel, kind: 'topic', title: 'R' },
        },
      ],
      authority: 'user',
    }),
  ]);
  expect([...bad, ...good].map(verdictOf)).toEqual(['failed: internal_error', 'applied']);
  expect(write.ok).toBe(true);
  expect(tree()).toEqual(['Root', '  broken', '  good', '  R']);
});

it('never answers for a part of a group', async () => {
  const { world, client, channel, broken, tree } = await start();
  breakNode(world, broken);
  const results = await client.send(
    client.topic(channel, id(), channel, 'A'),
    { ...client.topic(channel, id(), channel, 'B'), group: 'g' },
    client.updated(channel, broken, { title: 'x' }),
    { ...client.topic(channel, id(), channel, 'C'), group: 'g' },
  );
  expect(results.map(verdictOf)).toEqual(['applied', 'failed: internal_error']);
  expect(tree()).toEqual(['Root', '  broken', '  A']);
});

it('finds the culprit of what fails only when rows are written', async () => {
  const { world, client, channel, tree } = await start();
  world.connection.raw.exec(
    `CREATE TRIGGER boom BEFORE INSERT ON node WHEN NEW.title = 'boom' BEGIN SELECT RAISE(ABORT, 'boom'); END`,
  );
  const other = new TestClient(world.writer, world.owner);
  const titles = ['A', 'B', 'C', 'boom', 'D'];
  const [bad, good] = await Promise.all([
    client.send(...titles.map((title) => client.topic(channel, id(), channel, title))),
    other.send(other.topic(channel, id(), channel, 'good')),
  ]);
  expect(bad.map(verdictOf)).toEqual(['applied', 'applied', 'applied', 'failed: internal_error']);
  expect(good.map(verdictOf)).toEqual(['applied']);
  expect(tree()).toEqual(['Root', '  broken', '  A', '  B', '  C', '  good']);
});
