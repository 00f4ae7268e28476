import type { SyncRequest } from '@cambium/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CambiumClient } from '../index.ts';
import { act, edit, type Edit } from '../testing/act.ts';
import { FakeServer } from '../testing/fake-server.ts';
import { Device } from '../testing/open.ts';
import { shownState, treeState } from '../testing/shown.ts';

interface Sent {
  revs: number[];
  groups: unknown[];
  after: number | undefined;
}

function sentTo(server: FakeServer): Sent[] {
  const bodies = server.requests.filter(({ path }) => path === '/api/sync').map(({ body }) => body as SyncRequest);
  return bodies
    .filter(({ changes }) => (changes ?? []).length > 0)
    .map(({ changes, after_rev }) => {
      const raw = changes as unknown as { rev: number; group?: string }[];
      return { revs: raw.map(({ rev }) => rev), groups: raw.map(({ group }) => group ?? null), after: after_rev };
    });
}

/** The server's log holds the changes of the one client in the order of their revs. */
function loggedRevs(server: FakeServer, channel: string): number[] {
  return (server.log.get(channel) ?? []).flatMap(({ rev }) => (rev === null ? [] : [rev]));
}

/** Edits made offline, sent to a server that answers so many changes or groups a request, one after the other. */
async function play(edits: Edit[], patience: number[], reopens: boolean, losesAnswers: boolean): Promise<void> {
  const server = new FakeServer();
  const device = new Device(server);
  let client: CambiumClient = await device.open();
  const channel = await client.createChannel({ name: 'Course' });
  await client.channel(channel).create({ parent: channel, kind: 'topic', title: 'first' });
  await client.sync();
  for (const [serial, each] of edits.entries()) await act(client, channel, each, serial);
  const queued = (await client.database.pending.toArray()).map(({ rev }) => rev);
  const { length: done } = loggedRevs(server, channel);
  server.requests = [];

  let requests = 0;
  server.fault.before = (path) => {
    if (path !== '/api/sync') return undefined;
    server.patience = patience[requests % patience.length] as number;
    requests += 1;
    return undefined;
  };
  if (losesAnswers) {
    server.fault.after = (path) => (path === '/api/sync' && requests % 3 === 2 ? new TypeError('lost') : undefined);
  }
  for (let tries = 0; tries < 100 && (await client.status()).pending > 0; tries += 1) {
    await client.sync().catch(() => undefined);
    if (!reopens) continue;
    await client.close();
    client = await device.open();
  }

  const rescued = (await client.rescued()).map(({ rev }) => rev);
  const arrived = loggedRevs(server, channel).slice(done);
  expect([...new Set(arrived)]).toEqual(queued.filter((rev) => !rescued.includes(rev)));
  expect(rescued).toEqual([]);
  for (const { revs, groups } of sentTo(server)) {
    expect(revs).toEqual(queued.slice(queued.indexOf(revs[0] as number)));
    // Nothing is queued meanwhile: the rest is sent again from where the answer ended, never from inside a group.
    const before = queued[queued.indexOf(revs[0] as number) - 1];
    const group = groups[0];
    if (group !== null && before !== undefined) expect(groupOf(server, channel, before)).not.toBe(group);
  }
  expect(await client.status()).toMatchObject({ pending: 0, blockedBy: null });
  expect(await shownState(client, channel)).toEqual(treeState(server.tree, channel));
  await client.close();
}

function groupOf(server: FakeServer, channel: string, rev: number): unknown {
  return (server.log.get(channel) ?? []).find((entry) => entry.rev === rev)?.group ?? null;
}

it('an answer to the first of the changes has the rest sent again, in order, groups whole, nothing lost or doubled', async () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  // oxlint-disable-next-line no-console -- with it a failure can be had again
  console.info(`prefix: seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(
      fc.array(edit, { minLength: 5, maxLength: 40 }),
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      fc.boolean(),
      play,
    ),
    { seed, numRuns: Number(process.env['RUNS'] ?? 20), endOnFailure: true },
  );
}, 600_000);

it('each request goes on after the last change that was answered', async () => {
  const server = new FakeServer();
  const client = await new Device(server).open();
  const channel = await client.createChannel({ name: 'Course' });
  await client.sync();
  for (const title of ['a', 'b', 'c']) await client.channel(channel).create({ parent: channel, kind: 'topic', title });
  await client.channel(channel).group(async (group) => {
    const topic = await group.create({ parent: channel, kind: 'topic', title: 'd' });
    await group.create({ parent: topic, kind: 'topic', title: 'e' });
  });
  await client.channel(channel).create({ parent: channel, kind: 'topic', title: 'f' });
  server.requests = [];
  server.patience = 2;
  await client.sync();
  expect(sentTo(server).map(({ revs, after }) => ({ first: revs[0], count: revs.length, after }))).toEqual([
    { first: 2, count: 6, after: 1 },
    { first: 4, count: 4, after: 3 },
    { first: 7, count: 1, after: 6 },
  ]);
  expect(server.tree.children(channel).map((id) => server.tree.row('contentnode', id)?.title)).toEqual([
    'a',
    'b',
    'c',
    'd',
    'f',
  ]);
  expect(await client.status()).toMatchObject({ pending: 0, blockedBy: null });
  await client.close();
});
