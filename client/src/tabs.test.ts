import { firstValueFrom, filter } from 'rxjs';
import { expect, it } from 'vitest';
import type { CambiumClient } from './index.ts';
import type { ClientDeps, Timers } from './deps.ts';
import { localLocks } from './local-locks.ts';
import { FakeServer } from './testing/fake-server.ts';
import { Device } from './testing/open.ts';
import { shownState, treeState } from './testing/shown.ts';

const quiet = (client: CambiumClient) => firstValueFrom(client.status$.pipe(filter(({ pending }) => pending === 0)));

it('has one tab talk to the server, for all of them', async () => {
  const server = new FakeServer();
  const device = new Device(server);
  const locks = localLocks();
  const one = await device.open({ autoSync: true }, { locks });
  const two = await device.open({ autoSync: true }, { locks });
  const course = await two.createChannel({ name: 'Course' });
  await two.channel(course).create({ parent: course, kind: 'topic', title: 'by two' });
  await quiet(two);
  expect(server.requests.filter(({ path }) => path === '/api/user/me')).toHaveLength(1);
  await one.close();
  await two.channel(course).create({ parent: course, kind: 'topic', title: 'after one has gone' });
  await quiet(two);
  expect(await shownState(two, course)).toEqual(treeState(server.tree, course));
  await two.close();
});

it('is told by the server what others do', async () => {
  const server = new FakeServer();
  const one = await new Device(server, 'one').open();
  const two = await new Device(server, 'two').open({ autoSync: true }, { locks: localLocks() });
  const course = await one.createChannel({ name: 'Course' });
  await one.sync();
  await two.follow(course);
  const seen = firstValueFrom(
    two
      .channel(course)
      .children$(course)
      .pipe(filter((rows) => rows.length === 1)),
  );
  await one.channel(course).create({ parent: course, kind: 'topic', title: 'news' });
  await one.sync();
  expect(await seen).toMatchObject([{ title: 'news' }]);
  await one.close();
  await two.close();
});

it('comes to no harm when two tabs talk to the server at once', async () => {
  const server = new FakeServer();
  const device = new Device(server);
  const tabs = [await device.open(), await device.open()] as const;
  const course = await tabs[0].createChannel({ name: 'Course' });
  for (let round = 0; round < 5; round += 1) {
    for (const tab of tabs) await tab.channel(course).create({ parent: course, kind: 'topic', title: `${round}` });
    await Promise.all(tabs.map((tab) => tab.sync()));
  }
  await tabs[0].sync();
  expect(server.log.get(course)).toHaveLength(11);
  expect((await tabs[1].status()).pending).toBe(0);
  expect(await tabs[1].rescued()).toEqual([]);
  expect(await shownState(tabs[1], course)).toEqual(treeState(server.tree, course));
  for (const tab of tabs) await tab.close();
});

it('learns of a channel that it is given while it listens, and of what others do in one that it made', async () => {
  const server = new FakeServer();
  const other = await new Device(server, 'other').open();
  const client = await new Device(server).open({ autoSync: true }, { locks: localLocks() });
  const mine = await client.createChannel({ name: 'Mine' });
  await quiet(client);
  await other.follow(mine);
  await other.channel(mine).create({ parent: mine, kind: 'topic', title: 'by the other' });
  await other.sync();
  await firstValueFrom(
    client
      .channel(mine)
      .children$(mine)
      .pipe(filter((rows) => rows.length === 1)),
  );
  const given = await other.createChannel({ name: 'Given' });
  await other.sync();
  server.announce(given, 'editor');
  await firstValueFrom(client.channels$.pipe(filter((channels) => channels.some(({ id }) => id === given))));
  await client.close();
  await other.close();
});

/** Time runs a hundred times faster, and stands still for a tab that is frozen. */
function freezable(fetcher: typeof fetch): Pick<ClientDeps, 'timers' | 'fetch'> & { freeze(): void; thaw(): void } {
  let waiting: (() => void)[] | null = null;
  const timers: Timers = {
    after(ms, callback) {
      let ended = false;
      const timer = setTimeout(() => {
        const call = (): void => void (ended || callback());
        if (waiting) waiting.push(call);
        else call();
      }, ms / 100);
      return () => {
        ended = true;
        clearTimeout(timer);
      };
    },
  };
  const awake = (): Promise<void> => new Promise((resolve) => (waiting ? waiting.push(resolve) : resolve()));
  return {
    timers,
    fetch: async (...args) => {
      await awake();
      const answer = await fetcher(...args);
      await awake();
      return answer;
    },
    freeze: () => void (waiting = []),
    thaw: () => {
      const missed = waiting ?? [];
      waiting = null;
      for (const call of missed) call();
    },
  };
}

it.each([
  ['which has stopped beating', 0],
  ['although the clock was put back since', -86_400_000],
])('takes the lead from a frozen tab within 30 s, %s', async (_why, jump) => {
  const server = new FakeServer();
  const device = new Device(server);
  const locks = localLocks();
  const ice = freezable(server.fetch);
  const began = performance.now();
  const clock = { now: () => device.now + (performance.now() - began) * 100 };
  const frozen = await device.open({ autoSync: true }, { locks, timers: ice.timers, fetch: ice.fetch, clock });
  const course = await frozen.createChannel({ name: 'Course' });
  await quiet(frozen);
  const { timers } = freezable(server.fetch);
  let looks = 0;
  const counted: Timers = {
    after(ms, callback) {
      if (ms === 5000) looks += 1;
      return timers.after(ms, callback);
    },
  };
  const second = await device.open({ autoSync: true }, { locks, timers: counted, clock });
  ice.freeze();
  await frozen.channel(course).create({ parent: course, kind: 'topic', title: 'unsent by the frozen one' });
  device.now += jump;
  looks = 0;
  await quiet(second);
  // One every 5 s, and one that was asked for after the lead was taken.
  expect(looks).toBeLessThanOrEqual(7);
  ice.thaw();
  await frozen.channel(course).create({ parent: course, kind: 'topic', title: 'after the thaw' });
  await quiet(frozen);
  expect(server.log.get(course)).toHaveLength(3);
  expect(await shownState(second, course)).toEqual(treeState(server.tree, course));
  await frozen.close();
  await second.close();
});
