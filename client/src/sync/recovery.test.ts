import { protocolError, type SyncRequest } from '@cambium/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CambiumClient } from '../index.ts';
import { FakeServer } from '../testing/fake-server.ts';
import { Device } from '../testing/open.ts';
import { shownState, treeState } from '../testing/shown.ts';

let server: FakeServer;
let device: Device;
let client: CambiumClient;
let course: string;

beforeEach(async () => {
  server = new FakeServer();
  device = new Device(server);
  client = await device.open();
  course = await client.createChannel({ name: 'Course' });
  await client.channel(course).create({ parent: course, kind: 'topic', title: 'first' });
  await client.sync();
});

const create = (title: string, parent = course) => client.channel(course).create({ parent, kind: 'topic', title });
const isEqual = async () => expect(await shownState(client, course)).toEqual(treeState(server.tree, course));
const logged = () => (server.log.get(course) ?? []).length;

describe('an answer that is lost', () => {
  it('has the change done once', async () => {
    await create('once');
    server.fault.after = (path) => (path === '/api/sync' ? new TypeError('lost') : undefined);
    await expect(client.sync()).rejects.toThrow();
    await client.close();
    client = await device.open();
    delete server.fault.after;
    await client.sync();
    expect(logged()).toBe(3);
    await isEqual();
  });
});

describe('a server that always sends the client back', () => {
  it('is asked again after a pause, not at once and for ever; nothing is lost', async () => {
    await create('waits');
    let asked = 0;
    server.fault.before = (path, body) => {
      if (path !== '/api/sync' || ((body as SyncRequest).changes ?? []).length === 0) return undefined;
      asked += 1;
      if (asked > 50) throw new Error('asked for ever');
      return Response.json({ error: protocolError('out_of_order', { details: { last_rev: 0 } }) }, { status: 409 });
    };
    await expect(client.sync()).rejects.toMatchObject({ error: { code: 'out_of_order' } });
    expect(asked).toBe(3);
    delete server.fault.before;
    await client.sync();
    expect(logged()).toBe(3);
    await isEqual();
  });
});

describe('a refused change', () => {
  /** Somebody else removes a topic in which this client goes on working. */
  async function workInGone(): Promise<string> {
    const topic = await create('going');
    await client.sync();
    const other = await new Device(server, 'other').open();
    await other.follow(course);
    await other.channel(course).remove(topic);
    await other.sync();
    await other.close();
    return topic;
  }

  it('leaves the queue for the rescue list, and stops none of the others', async () => {
    const topic = await workInGone();
    const lost = await create('lost', topic);
    await create('below lost', lost);
    await create('fine');
    await client.sync();
    const rescued = await client.rescued();
    expect(rescued.map(({ errors }) => errors[0]?.code)).toEqual(['not_found', 'not_found']);
    expect(rescued[0]?.dependants).toEqual([rescued[1]?.rev]);
    expect(rescued[0]?.remedy).not.toBe('');
    expect((await client.status()).pending).toBe(0);
    await isEqual();
  });

  it('is retried with its dependants in order, under new revs', async () => {
    const topic = await workInGone();
    const lost = await create('lost', topic);
    await create('below lost', lost);
    await client.sync();
    const [first] = await client.rescued();
    await expect(client.retry(first?.rev ?? 0)).rejects.toThrow();
    expect(await client.rescued()).toHaveLength(2);
    await client.channel(course).create({ parent: course, kind: 'topic', title: 'back' }, { id: topic });
    await client.retry(first?.rev ?? 0);
    expect(await client.rescued()).toEqual([]);
    await client.sync();
    expect(server.tree.children(topic)).toEqual([lost]);
    expect(server.tree.children(lost)).toHaveLength(1);
    await isEqual();
  });

  it('can be exported and given up', async () => {
    const topic = await workInGone();
    await create('lost', topic);
    await client.sync();
    const { rescue } = await client.exportRescue();
    expect(JSON.stringify(rescue)).toContain('lost');
    await client.discard(rescue[0]?.rev ?? 0);
    expect(await client.rescued()).toEqual([]);
  });
});

describe('a server that came back from a backup', () => {
  it('is told again what it lost, under the old revs', async () => {
    const restore = server.backup();
    const topic = await create('lost by the server');
    await client.sync();
    await create('not sent yet', topic);
    restore();
    await client.sync();
    expect(logged()).toBe(4);
    expect((await client.status()).pending).toBe(0);
    await isEqual();
  });

  it('gets even a channel that it never had', async () => {
    const empty = new FakeServer();
    empty.serverId = 'ab'.repeat(16);
    await create('second');
    Object.assign(server, {
      log: empty.log,
      tree: empty.tree,
      outcomes: empty.outcomes,
      lastRevs: empty.lastRevs,
      serverId: empty.serverId,
    });
    await client.sync();
    expect(logged()).toBe(3);
    await isEqual();
  });
});

describe('a database that was copied', () => {
  it('takes another client_id and loses nothing', async () => {
    const request = server.requests.findLast(({ path }) => path === '/api/sync')?.body as SyncRequest;
    // Another one went on under the same name.
    server.lastRevs.set(request.client_id, 50);
    await create('mine');
    await client.sync();
    const later = server.requests.findLast(({ path }) => path === '/api/sync')?.body as SyncRequest;
    expect(later.client_id).not.toBe(request.client_id);
    expect(await client.rescued()).toEqual([]);
    expect(logged()).toBe(3);
    await isEqual();
  });
});

describe('a channel that is not shown any more', () => {
  it('keeps its changes until it is back', async () => {
    await create('mine');
    server.hidden.add(course);
    await client.sync();
    expect((await client.status()).pending).toBe(1);
    server.hidden.delete(course);
    await client.sync();
    expect((await client.status()).pending).toBe(0);
    await isEqual();
  });
});

describe('the token', () => {
  it('burns no try while it is not taken', async () => {
    await create('mine');
    server.users.clear();
    await expect(client.sync()).rejects.toMatchObject({ error: { code: 'unauthenticated' } });
    expect((await client.status()).phase).toBe('unauthorized');
    server.users.set('a new token', client.user.id);
    client.setToken('a new token');
    await client.sync();
    await isEqual();
  });

  it('of somebody else sends nothing', async () => {
    await create('mine');
    server.user('somebody else');
    client.setToken('somebody else');
    await expect(client.sync()).rejects.toMatchObject({ error: { code: 'unauthenticated' } });
    expect(logged()).toBe(2);
  });
});

describe('a server that fails', () => {
  it('gets smaller batches until the change at fault stands alone, and can be set aside', async () => {
    for (let index = 0; index < 8; index += 1) await create(`n${index}`);
    const isPoisoned = (body: unknown) => JSON.stringify(body).includes('"n5"');
    server.fault.before = (path, body) =>
      path === '/api/sync' && isPoisoned(body) ? new Response('', { status: 500 }) : undefined;
    for (let tries = 0; tries < 12 && (await client.status()).blockedBy === null; tries += 1)
      await client.sync().catch(() => undefined);
    const { blockedBy, stalled, pending } = await client.status();
    expect(stalled).toBe('blocked');
    expect(pending).toBe(3);
    await client.setAside(blockedBy as number);
    await client.sync();
    device.now += 24 * 3_600_000;
    const status = await client.status();
    expect(status).toMatchObject({ pending: 1, aside: 1, blockedBy: null });
    expect(status.stalled).toBeUndefined();
    delete server.fault.before;
    await client.takeUp(blockedBy as number);
    await client.sync();
    expect(await client.status()).toMatchObject({ pending: 0, aside: 0 });
    expect(server.tree.children(course)).toHaveLength(9);
    await isEqual();
  });

  it('that finds a body too large gets it in halves', async () => {
    for (let index = 0; index < 5; index += 1) await create(`n${index}`);
    server.fault.before = (_path, body) => {
      const changes = (body as SyncRequest | undefined)?.changes ?? [];
      return changes.length > 2 ? Response.json({ error: protocolError('too_large') }, { status: 413 }) : undefined;
    };
    for (let tries = 0; tries < 5 && (await client.status()).pending > 0; tries += 1)
      await client.sync().catch(() => undefined);
    expect((await client.status()).pending).toBe(0);
    await isEqual();
  });
});

describe('a server that takes fewer cursors', () => {
  it('has no change blamed for it', async () => {
    await create('mine');
    server.fault.before = (path) =>
      path === '/api/sync'
        ? Response.json({ error: protocolError('too_large', { field: 'channel_revs' }) }, { status: 413 })
        : undefined;
    for (let tries = 0; tries < 3; tries += 1)
      await expect(client.sync()).rejects.toMatchObject({ error: { code: 'too_large' } });
    expect(await client.status()).toMatchObject({ pending: 1, blockedBy: null });
    delete server.fault.before;
    await client.sync();
    await isEqual();
  });
});

describe('a snapshot', () => {
  it('takes the place of a base that the log does not reach', async () => {
    await create('pending');
    await client.database.cursor.update(course, { rev: 99 });
    await client.sync();
    expect((await client.status()).pending).toBe(0);
    await isEqual();
  });
});
