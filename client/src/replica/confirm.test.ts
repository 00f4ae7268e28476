import { expect, it } from 'vitest';
import { FakeServer } from '../testing/fake-server.ts';
import { Device } from '../testing/open.ts';
import { shownState, treeState } from '../testing/shown.ts';

it('notices that a copy from another channel became smaller than predicted', async () => {
  const server = new FakeServer();
  const author = await new Device(server).open();
  const source = await author.createChannel({ name: 'Source' });
  const target = await author.createChannel({ name: 'Target' });
  const topic = await author.channel(source).create({ parent: source, kind: 'topic', title: 'Topic' });
  const leaf = await author.channel(source).create({ parent: topic, kind: 'topic', title: 'Leaf' });
  await author.sync();
  const other = await new Device(server).open();
  await other.follow(source);

  await author.channel(target).copy(topic, { target });
  await other.channel(source).remove(leaf);
  await other.sync();
  await author.sync();

  expect(await shownState(author, target)).toEqual(treeState(server.tree, target));
  await author.close();
  await other.close();
});
