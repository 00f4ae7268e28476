import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { nodeDeps, openClient, type CambiumClient } from '@cambium/client';
import { checkFolder, readSettings, realWorld, startServer, type RunningServer, type Settings } from '@cambium/server';

const DAY = 86_400_000;
const TOKEN = 'a-token-for-tests-only-1';

let folder: string;
let server: RunningServer;
let now: number;
let clients: CambiumClient[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cambium-compact-'));
  now = Date.now();
  clients = [];
  server = await start();
});

afterEach(async () => {
  for (const client of clients) await client.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

function settings(): Settings {
  return readSettings({ PORT: '0', DATA_DIR: folder, ADMIN_TOKEN: TOKEN, LOG_LEVEL: 'error' }, folder);
}

/** The server with a clock that we set. */
function start(): Promise<RunningServer> {
  return startServer(settings(), { writer: 'inline', world: { ...realWorld('error'), clock: { now: () => now } } });
}

/** A client whose answers of the server can be made to get lost. */
async function open(name: string): Promise<{ client: CambiumClient; loseAnswers: (lose: boolean) => void }> {
  let isLost = false;
  const client = await openClient({
    server: server.url,
    token: TOKEN,
    name,
    autoSync: false,
    deps: {
      ...nodeDeps({ indexedDB: new IDBFactory(), IDBKeyRange }),
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        if (isLost) throw new TypeError('the answer got lost');
        return response;
      },
    },
  });
  clients.push(client);
  return { client, loseAnswers: (lose) => void (isLost = lose) };
}

/** Titles of a node's children as a client shows them. */
async function titles(client: CambiumClient, channel: string, parent = channel): Promise<string[]> {
  return (await firstValueFrom(client.channel(channel).children$(parent))).map(({ title }) => title);
}

it('a client that slept past the checkpoint takes a snapshot and keeps every pending change', async () => {
  const { client: awake } = await open('awake');
  const { client: asleep, loseAnswers } = await open('asleep');
  const channel = await awake.createChannel({ name: 'Long ago' });
  const topic = (client: CambiumClient, title: string, parent = channel) =>
    client.channel(channel).create({ parent, kind: 'topic', title });
  const shared = await topic(awake, 'Shared');
  const doomed = await topic(awake, 'Doomed');
  await awake.sync();
  await asleep.follow(channel);
  await asleep.sync();
  expect(await titles(asleep, channel)).toEqual(['Shared', 'Doomed']);

  // One change arrives without its author hearing of it; the others wait on the device.
  await topic(asleep, 'Arrived', shared);
  loseAnswers(true);
  await asleep.sync().catch(() => undefined);
  loseAnswers(false);
  const mine = await topic(asleep, 'Mine');
  await asleep.channel(channel).update(shared, { description: 'still mine' });
  await asleep.channel(channel).move(mine, { target: shared, position: 'first-child' });
  await asleep.channel(channel).update(doomed, { title: 'Too late' });

  now += 10 * DAY;
  for (let n = 0; n < 20; n += 1) await topic(awake, `After ${n}`);
  await awake.channel(channel).update(shared, { title: 'Renamed' });
  await awake.channel(channel).remove(doomed);
  await awake.sync();
  now += DAY;
  await awake.sync();
  const report = await server.admin('compact', { keep: 3_600 });
  expect(report).toMatchObject({ channels: 1, entries: expect.any(Number) as number });
  expect((report as { entries: number }).entries).toBeGreaterThan(20);

  await asleep.sync();
  await awake.sync();
  expect((await asleep.status()).pending).toBe(0);
  expect(await titles(asleep, channel)).toEqual(await titles(awake, channel));
  expect((await titles(awake, channel))[0]).toBe('Renamed');
  expect(await titles(awake, channel, shared)).toEqual(['Mine', 'Arrived']);
  expect(await titles(asleep, channel, shared)).toEqual(['Mine', 'Arrived']);
  expect((await firstValueFrom(awake.channel(channel).node$(shared)))?.description).toBe('still mine');
  expect((await asleep.rescued()).map(({ errors }) => errors.map(({ code }) => code))).toEqual([['not_found']]);
  expect(await checkFolder(settings())).toEqual([]);
});

it('a client that was seen in the last week reads on without a snapshot', async () => {
  const { client: awake } = await open('awake');
  const { client: late } = await open('late');
  const channel = await awake.createChannel({ name: 'Last week' });
  await awake.channel(channel).create({ parent: channel, kind: 'topic', title: 'One' });
  await awake.sync();
  await late.follow(channel);
  await late.sync();
  const rev = (await late.database.cursor.get(channel))?.rev;
  now += 6 * DAY;
  await awake.channel(channel).create({ parent: channel, kind: 'topic', title: 'Two' });
  await awake.sync();
  now += DAY / 2;
  await server.admin('compact', { keep: 0 });
  const log = await fetch(`${server.url}/api/channel/${channel}/changes?after=0`, {
    headers: { authorization: `Token ${TOKEN}` },
  });
  const { results } = (await log.json()) as { results: { server_rev: number }[] };
  expect(results.map(({ server_rev }) => server_rev)).toEqual([(rev as number) + 1]);
  await late.sync();
  expect(await titles(late, channel)).toEqual(['One', 'Two']);
});
