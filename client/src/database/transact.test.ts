import { newId } from '@cambium/protocol';
import { expect, it } from 'vitest';
import { FakeServer } from '../testing/fake-server.ts';
import { Device } from '../testing/open.ts';

/** More than go into one request, so that images of later changes are corrected while earlier ones are confirmed. */
const NODES = 1500;

it('stays one transaction after a thousand requests at once', async () => {
  const server = new FakeServer();
  const client = await new Device(server).open();
  const channel = await client.createChannel({ name: 'Course' });
  await client.sync();
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  const keys = Array.from({ length: NODES }, () => newId(Date.now(), random));
  const create = (key: string) => ({
    type: 'CREATED',
    table: 'contentnode',
    key,
    obj: { parent: channel, kind: 'topic', title: key },
  });
  const rename = (key: string) => ({ type: 'UPDATED', table: 'contentnode', key, mods: { title: `${key} again` } });
  await client.channel(channel).write([...keys.map(create), ...keys.map(rename)]);
  await client.sync();
  expect(await client.database.pending.count()).toBe(0);
  expect(await client.database.undo.count()).toBe(0);
  await client.close();
}, 60_000);
