import { firstValueFrom, filter } from 'rxjs';
import { expect, it } from 'vitest';
import type { CambiumClient } from './index.ts';
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
