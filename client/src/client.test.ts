import { Refusal } from '@cambium/protocol';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CambiumClient } from './index.ts';
import { FakeServer } from './testing/fake-server.ts';
import { Device } from './testing/open.ts';
import { shownState, treeState } from './testing/shown.ts';

let server: FakeServer;

beforeEach(() => {
  server = new FakeServer();
});

async function course(client: CambiumClient) {
  const id = await client.createChannel({ name: 'Course' });
  const channel = client.channel(id);
  const topic = await channel.create({ parent: id, kind: 'topic', title: 'Topic' });
  const leaf = await channel.create({ parent: topic, kind: 'document', title: 'Leaf' });
  return { id, channel, topic, leaf };
}

async function titles(client: CambiumClient, channel: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { title } of client.rows(channel)) found.push(title);
  return found;
}

describe('offline', () => {
  it('shows edits at once and keeps them over a restart', async () => {
    const device = new Device(server);
    let client = await device.open();
    server.fault.before = () => new TypeError('the network is down');
    const { id, channel, topic, leaf } = await course(client);
    await channel.update(leaf, { title: 'Renamed' });
    await channel.move(leaf, { target: topic, position: 'left' });
    await client.close();

    client = await device.open();
    expect(await titles(client, id)).toEqual(['Course', 'Renamed', 'Topic']);
    expect((await client.status()).pending).toBe(4);
    await expect(client.sync()).rejects.toThrow('cannot be reached');

    delete server.fault.before;
    await client.sync();
    expect((await client.status()).pending).toBe(0);
    expect(await shownState(client, id)).toEqual(treeState(server.tree, id));
    await client.close();
  });

  it('refuses what cannot be, and queues nothing then', async () => {
    const client = await new Device(server).open();
    const { id, channel, topic, leaf } = await course(client);
    const before = await client.status();
    await expect(channel.move(topic, { target: leaf })).rejects.toThrow(Refusal);
    await expect(channel.create({ parent: id, kind: 'topic', title: 'x'.repeat(201) })).rejects.toThrow(Refusal);
    expect((await client.status()).pending).toBe(before.pending);
    await client.close();
  });

  it('makes a group whole or not at all', async () => {
    const client = await new Device(server).open();
    const { id, channel, topic, leaf } = await course(client);
    await expect(
      channel.group(async (group) => {
        await group.update(leaf, { title: 'never' });
        await group.move(topic, { target: leaf });
      }),
    ).rejects.toThrow(Refusal);
    expect(await titles(client, id)).toEqual(['Course', 'Topic', 'Leaf']);
    await channel.group(async (group) => {
      await group.update(leaf, { title: 'Both' });
      await group.move(leaf, { target: id, position: 'first-child' });
    });
    await client.sync();
    expect(await titles(client, id)).toEqual(['Course', 'Both', 'Topic']);
    expect(await shownState(client, id)).toEqual(treeState(server.tree, id));
    await client.close();
  });
});

describe('two clients', () => {
  it('come to the same tree, whoever is first', async () => {
    const one = await new Device(server, 'one').open();
    const two = await new Device(server, 'two').open();
    const { id, channel, topic, leaf } = await course(one);
    await one.sync();
    await two.follow(id);
    expect(await shownState(two, id)).toEqual(treeState(server.tree, id));

    await channel.create({ parent: topic, kind: 'document', title: 'by one' });
    await two.channel(id).create({ target: leaf, position: 'right', kind: 'document', title: 'by two' });
    await two.channel(id).update(topic, { title: 'by two' });
    await channel.remove(leaf);
    await one.sync();
    await two.sync();
    await one.sync();
    expect(await shownState(one, id)).toEqual(treeState(server.tree, id));
    expect(await shownState(two, id)).toEqual(treeState(server.tree, id));
    await one.close();
    await two.close();
  });

  it('streams into live queries', async () => {
    const client = await new Device(server).open();
    const { id, channel, topic } = await course(client);
    const children = await firstValueFrom(channel.children$(id));
    expect(children).toMatchObject([{ id: topic, has_children: true }]);
    expect(await firstValueFrom(channel.ancestors$(topic))).toMatchObject([{ id }]);
    expect(await firstValueFrom(channel.search$('lea'))).toMatchObject([{ title: 'Leaf' }]);
    expect(await firstValueFrom(client.pendingOf$(topic))).toHaveLength(1);
    await client.close();
  });
});
