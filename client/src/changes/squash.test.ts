import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CambiumClient } from '../index.ts';
import { act, edit } from '../testing/act.ts';
import { FakeServer } from '../testing/fake-server.ts';
import { Device } from '../testing/open.ts';
import { shownState, treeState } from '../testing/shown.ts';

let server: FakeServer;
let client: CambiumClient;
let course: string;

async function setUp(): Promise<void> {
  server = new FakeServer();
  client = await new Device(server).open();
  course = await client.createChannel({ name: 'Course' });
}

async function queued(): Promise<string[]> {
  const pending = await client.database.pending.orderBy('rev').toArray();
  return pending.map(({ change }) => `${change.type} ${change.table}`);
}

describe('what is squashed', () => {
  beforeEach(setUp);

  it('folds updates into the create before them', async () => {
    const channel = client.channel(course);
    const id = await channel.create({ parent: course, kind: 'topic', title: 'a' });
    await channel.create({ parent: id, kind: 'topic', title: 'below' });
    await channel.update(id, { title: 'b', 'tags.x.y': true });
    expect(await queued()).toEqual([
      'CREATED channel',
      'CREATED contentnode',
      'CREATED contentnode',
      'UPDATED contentnode',
    ]);
    const other = await channel.create({ parent: course, kind: 'topic', title: 'c' });
    await channel.update(other, { title: 'd', 'tags.x.y': true });
    expect(await queued()).toHaveLength(5);
    await client.sync();
    expect(server.tree.row('contentnode', other)).toMatchObject({ title: 'd', tags: { 'x.y': true } });
    expect(await shownState(client, course)).toEqual(treeState(server.tree, course));
  });

  it('keeps what the first author saw when updates are folded', async () => {
    const channel = client.channel(course);
    const id = await channel.create({ parent: course, kind: 'topic', title: 'a' });
    await client.sync();
    await channel.update(id, { title: 'b' });
    await channel.update(id, { title: 'c', description: 'd' });
    expect(await client.database.pending.toArray()).toMatchObject([
      { change: { type: 'UPDATED', mods: { title: 'c', description: 'd' }, base: { title: 'a', description: '' } } },
    ]);
  });

  it('forgets what was made and removed, unless something was put under it', async () => {
    const channel = client.channel(course);
    const gone = await channel.create({ parent: course, kind: 'topic', title: 'gone' });
    await channel.remove(gone);
    expect(await queued()).toEqual(['CREATED channel']);
    const used = await channel.create({ parent: course, kind: 'topic', title: 'used' });
    const moved = await channel.create({ parent: used, kind: 'topic', title: 'in it' });
    await channel.move(moved, { target: course });
    await channel.remove(used);
    expect(await queued()).toHaveLength(5);
    await client.sync();
    expect(await shownState(client, course)).toEqual(treeState(server.tree, course));
  });

  it('never touches what may have been sent', async () => {
    const channel = client.channel(course);
    const id = await channel.create({ parent: course, kind: 'topic', title: 'a' });
    await client.sync();
    await channel.update(id, { title: 'b' });
    server.fault.after = (path) => (path === '/api/sync' ? new TypeError('lost') : undefined);
    await expect(client.sync()).rejects.toThrow();
    delete server.fault.after;
    await channel.update(id, { title: 'c' });
    expect((await client.database.pending.toArray()).map(({ state }) => state)).toEqual(['sent', 'queued']);
    await client.sync();
    expect(server.tree.row('contentnode', id)?.title).toBe('c');
    expect(await shownState(client, course)).toEqual(treeState(server.tree, course));
  });

  it('leaves a copy of the row in between its own title', async () => {
    const channel = client.channel(course);
    const folder = await channel.create({ parent: course, kind: 'topic', title: 'folder' });
    const id = await channel.create({ parent: folder, kind: 'topic', title: 'a' });
    await client.sync();
    await channel.update(id, { title: 'b' });
    const copy = await channel.copy(folder, { target: course });
    await channel.update(id, { title: 'c' });
    expect(await queued()).toEqual(['UPDATED contentnode', 'COPIED contentnode', 'UPDATED contentnode']);
    await client.sync();
    const [below] = server.tree.children(copy);
    expect(server.tree.row('contentnode', below as string)?.title).toBe('b');
  });
});

it('gives the same tree as a queue that was never squashed', async () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  // oxlint-disable-next-line no-console -- with it a failure can be had again
  console.info(`squash: seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 3, maxLength: 25 }), async (edits) => {
      await setUp();
      const channel = client.channel(course);
      await channel.create({ parent: course, kind: 'topic', title: 'a' });
      await channel.create({ parent: course, kind: 'topic', title: 'b' });
      await client.sync();
      const plain = new FakeServer();
      for (const entry of server.log.get(course) ?? []) plain.commit(entry);
      const writer = await new Device(plain).open();
      await writer.follow(course);
      for (const [serial, each] of edits.entries()) {
        await act(client, course, each, serial);
        // The other one never has anything to squash with: everything it makes is sent at once.
        await act(writer, course, each, serial);
        await writer.sync();
      }
      await client.sync();
      expect(treeState(server.tree, course, false)).toEqual(treeState(plain.tree, course, false));
      await client.close();
      await writer.close();
    }),
    { seed, numRuns: Number(process.env['RUNS'] ?? 25), endOnFailure: true },
  );
}, 600_000);
