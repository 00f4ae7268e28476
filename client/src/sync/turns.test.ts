import { type Id, LIMITS, type LogEntry, type SyncRequest } from '@cambium/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CambiumClient } from '../index.ts';
import { FakeServer } from '../testing/fake-server.ts';
import { Device } from '../testing/open.ts';
import { shownState, treeState } from '../testing/shown.ts';
import { chooseChannels, noteTurn, type Turns } from './turns.ts';

/** A few more than one request asks for. */
const CHANNELS = LIMITS.cursors + 5;
/** Channels in which something happens: two in the turn of the first request, one in the second's. */
const [FIRST, MIDDLE, LAST] = [0, 5_000, CHANNELS - 1].map(idOf) as [Id, Id, Id];

function idOf(index: number): Id {
  return `${(index + 1).toString(16).padStart(8, '0')}${'0'.repeat(24)}`;
}

describe('a client of very many channels', () => {
  let server: FakeServer;
  let device: Device;
  let client: CambiumClient;

  beforeEach(async () => {
    server = new FakeServer();
    device = new Device(server);
    client = await device.open();
    for (const id of [FIRST, MIDDLE, LAST]) await client.createChannel({ name: id }, { id });
    await client.sync();
    const others = Array.from({ length: CHANNELS }, (_, index) => idOf(index)).filter((id) => !server.log.has(id));
    // Nobody reads their only entry: it is behind the cursor.
    const entry = server.log.get(FIRST)?.[0] as LogEntry;
    for (const id of others) server.log.set(id, [entry]);
    await client.database.cursor.bulkPut(
      others.map((channel_id) => ({ channel_id, rev: 1, snapshot: null, progress: null, unavailable: false })),
    );
    server.requests = [];
  }, 60_000);

  afterEach(() => client.close());

  const requests = () =>
    server.requests.filter(({ path }) => path === '/api/sync').map(({ body }) => body as SyncRequest);
  const asked = () => requests().map(({ channel_revs }) => Object.keys(channel_revs ?? {}));
  const create = (channel: Id, title: string, by = client) =>
    by.channel(channel).create({ parent: channel, kind: 'topic', title });
  const isEqual = async (channel: Id) =>
    expect(await shownState(client, channel)).toEqual(treeState(server.tree, channel));

  async function somebodyElseWorks(): Promise<void> {
    const other = await new Device(server, 'other').open();
    for (const channel of [FIRST, MIDDLE, LAST]) {
      await other.follow(channel);
      for (const title of ['a', 'b', 'c']) await create(channel, title, other);
    }
    await other.sync();
    await other.close();
    server.requests = [];
  }

  it('asks for so many channels a request, each in its turn, and stays with those of which there is more', async () => {
    server.pageSize = 4;
    await somebodyElseWorks();
    await client.sync();
    expect(Math.max(...asked().map((cursors) => cursors.length))).toBe(LIMITS.cursors);
    expect(new Set(asked().flat()).size).toBe(CHANNELS);
    for (const channel of [FIRST, MIDDLE, LAST]) await isEqual(channel);
    // Then nothing is new, and one time round is enough.
    server.requests = [];
    await client.sync();
    expect(asked()).toHaveLength(2);
    expect(new Set(asked().flat()).size).toBe(CHANNELS);
  }, 60_000);

  it('hears at once of its own changes, whose turn it ever is', async () => {
    server.pageSize = 2;
    for (const channel of [LAST, FIRST, MIDDLE]) for (const title of ['a', 'b']) await create(channel, title);
    await client.sync();
    for (const { changes, channel_revs } of requests())
      for (const { channel_id } of changes ?? []) expect(channel_revs).toHaveProperty(channel_id);
    expect(await client.status()).toMatchObject({ pending: 0, blockedBy: null });
    for (const channel of [FIRST, MIDDLE, LAST]) await isEqual(channel);
  }, 60_000);

  it('goes round whole in each run, wherever the last one broke off', async () => {
    let requests = 0;
    server.fault.before = (path) => (path === '/api/sync' && (requests += 1) === 2 ? new TypeError('lost') : undefined);
    await expect(client.sync()).rejects.toThrow('cannot be reached');
    await somebodyElseWorks();
    await client.sync();
    for (const channel of [FIRST, MIDDLE, LAST]) await isEqual(channel);
  }, 60_000);
});

describe('the choice', () => {
  const all = Array.from({ length: LIMITS.cursors * 2.5 }, (_, index) => idOf(index));
  const from = (start: number, end: number) => all.slice(start, end);

  it('goes on after those that had their turn, and round', () => {
    const turns: Turns = { last: null, done: 0 };
    const chosen = [1, 2, 3].map(() => {
      const asked = chooseChannels(all, new Set(), turns);
      noteTurn(turns, asked, false);
      return asked.channels;
    });
    expect(chosen).toEqual([from(0, 10_000), from(10_000, 20_000), [...from(20_000, 25_000), ...from(0, 5_000)]]);
    expect(turns.done).toBe(30_000);
  });

  it('is the same again where the answer was cut short', () => {
    const turns: Turns = { last: idOf(6), done: 7 };
    noteTurn(turns, chooseChannels(all, new Set(), turns), true);
    expect(turns).toEqual({ last: idOf(6), done: 7 });
  });

  it('holds the urgent ones whose turn it is not, and lets the others get on', () => {
    const few = chooseChannels(all, new Set([idOf(20_000)]), { last: null, done: 0 });
    expect(few).toEqual({ channels: [idOf(20_000), ...from(0, 9_999)], turn: from(0, 9_999), total: 25_000 });
    const many = chooseChannels(all, new Set(from(10_000, 25_000)), { last: null, done: 0 });
    expect(many.channels).toEqual([...from(10_000, 15_000), ...from(0, 5_000)]);
  });
});
