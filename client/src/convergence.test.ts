import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CambiumClient } from './index.ts';
import { act, edit, type Edit } from './testing/act.ts';
import { FakeServer } from './testing/fake-server.ts';
import { Device } from './testing/open.ts';
import { expectedTree } from './testing/oracle.ts';
import { shownState, treeState } from './testing/shown.ts';

type Step =
  | { do: 'edit'; who: number; edit: Edit }
  | { do: 'sync'; who: number; fault: 'none' | 'lost request' | 'lost answer' }
  | { do: 'reopen'; who: number }
  | { do: 'resnapshot'; who: number };

const who = fc.nat(2);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ do: fc.constant('edit' as const), who, edit }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('sync' as const),
      who,
      fault: fc.constantFrom('none' as const, 'none' as const, 'lost request' as const, 'lost answer' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('resnapshot' as const), who }) },
);

async function play(steps: Step[], pageSize: number, patience: number, shortens: boolean): Promise<void> {
  const server = new FakeServer();
  server.shortens = shortens;
  server.pageSize = pageSize;
  server.patience = patience;
  const devices = [0, 1, 2].map((index) => new Device(server, `token ${index}`));
  const clients: CambiumClient[] = [];
  for (const device of devices) clients.push(await device.open());
  const [first] = clients as [CambiumClient];
  const channel = await first.createChannel({ name: 'Course' });
  await first.channel(channel).create({ parent: channel, kind: 'topic', title: 'a' });
  await first.sync();
  for (const client of clients.slice(1)) await client.follow(channel);

  for (const [serial, each] of steps.entries()) {
    const device = devices[each.who] as Device;
    let client = clients[each.who] as CambiumClient;
    if (each.do === 'edit') await act(client, channel, each.edit, serial);
    else if (each.do === 'sync') await sync(client, server, each.fault);
    else if (each.do === 'resnapshot') await client.database.cursor.update(channel, { snapshot: 'needed' });
    else {
      await client.close();
      client = await device.open();
      clients[each.who] = client;
    }
    const expected = await expectedTree(client, server, channel);
    expect(await shownState(client, channel, false)).toEqual(treeState(expected, channel, false));
  }

  for (const round of [1, 2]) for (const client of clients) await sync(client, server, 'none', round);
  for (const client of clients) {
    expect((await client.status()).pending).toBe(0);
    expect(await client.database.undo.count()).toBe(0);
    expect(await shownState(client, channel)).toEqual(treeState(server.tree, channel));
    await client.close();
  }
}

async function sync(client: CambiumClient, server: FakeServer, fault: string, _round = 0): Promise<void> {
  const isPush = (path: string) => path === '/api/sync';
  if (fault === 'lost request') server.fault.before = (path) => (isPush(path) ? new TypeError('lost') : undefined);
  if (fault === 'lost answer') server.fault.after = (path) => (isPush(path) ? new TypeError('lost') : undefined);
  const synced = client.sync();
  if (fault === 'none') await synced;
  else await expect(synced).rejects.toThrow('cannot be reached');
  delete server.fault.before;
  delete server.fault.after;
}

it('shows the log up to the cursor with everything pending on top, and ends where the server is', async () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  // oxlint-disable-next-line no-console -- with it a failure can be had again
  console.info(`convergence: seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 40 }),
      fc.constantFrom(1000, 3),
      fc.constantFrom(Infinity, 2),
      fc.boolean(),
      play,
    ),
    {
      seed,
      numRuns: Number(process.env['RUNS'] ?? 25),
      endOnFailure: true,
    },
  );
}, 600_000);
