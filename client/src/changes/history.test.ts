import { type JsonObject, Refusal, type SyncRequest, type SyncResponse } from '@cambium/protocol';
import { firstValueFrom } from 'rxjs';
import { beforeEach, expect, it } from 'vitest';
import type { CambiumClient } from '../index.ts';
import { FakeServer } from '../testing/fake-server.ts';
import { Device } from '../testing/open.ts';
import { shownState, treeState } from '../testing/shown.ts';

let server: FakeServer;
let client: CambiumClient;
let course: string;

beforeEach(async () => {
  server = new FakeServer();
  client = await new Device(server).open();
  course = await client.createChannel({ name: 'Course' });
});

/** What is shown, without what the server alone says of a row: when, and that it was touched. */
async function state(): Promise<unknown[]> {
  const rows = (await shownState(client, course, false)) as [string, JsonObject][];
  return rows.map(([table, { changed: _changed, ...row }]) => [table, row]);
}

it.each([false, true])(
  'takes steps back one after another to where it began (synced in between: %s)',
  async (synced) => {
    const channel = client.channel(course);
    const settle = () => (synced ? client.sync() : Promise.resolve());
    const states: unknown[][] = [];
    const step = async <T>(edit: () => Promise<T>): Promise<T> => {
      states.push(await state());
      const made = await edit();
      await settle();
      return made;
    };
    const topic = await step(() => channel.create({ parent: course, kind: 'topic', title: 'Topic' }));
    const quiz = await step(() => channel.create({ parent: topic, kind: 'exercise', title: 'Quiz' }));
    const page = await step(() => channel.create({ parent: course, kind: 'document', title: 'Page' }));
    await step(() =>
      channel.update(quiz, { title: 'Test', 'tags.new': true, 'extra_fields.options.modality': 'QUIZ' }),
    );
    await step(() => channel.move(page, { target: topic, position: 'left' }));
    await step(() => channel.move(page, { target: quiz, position: 'right' }));
    const copy = await step(() => channel.copy(topic, { target: topic, position: 'right' }));
    await step(() => channel.update(copy, { title: 'Copy' }));
    await step(() => channel.remove(topic));
    for (const before of states.toReversed()) {
      expect(await channel.undo()).toBe(true);
      await settle();
      expect(await state()).toEqual(before);
    }
    expect(await channel.undo()).toBe(false);
    await client.sync();
    expect(await shownState(client, course)).toEqual(treeState(server.tree, course));
    expect(await client.rescued()).toEqual([]);
    await client.close();
  },
);

it('does not reach past what cannot be taken back', async () => {
  const channel = client.channel(course);
  const topic = await channel.create({ parent: course, kind: 'topic', title: 'Topic' });
  await channel.group((group) => group.update(topic, { title: 'grouped' }));
  expect(await firstValueFrom(channel.canUndo$)).toBe(false);
  expect(await channel.undo()).toBe(false);
  expect((await firstValueFrom(channel.node$(topic)))?.title).toBe('grouped');
  await channel.update(topic, { title: 'alone' });
  expect(await firstValueFrom(client.channel(course).canUndo$)).toBe(true);
  await client.sync();
  const other = await new Device(server, 'other').open();
  await other.follow(course);
  await other.channel(course).remove(topic);
  await other.sync();
  await client.sync();
  await expect(channel.undo()).rejects.toThrow(Refusal);
  await client.close();
  await other.close();
});

it('tells what an update overwrote, until one of the two is chosen', async () => {
  const channel = client.channel(course);
  const topic = await channel.create({ parent: course, kind: 'topic', title: 'Old' });
  await client.sync();
  server.fault.after = (path, body, answer) => {
    if (path !== '/api/sync') return undefined;
    for (const result of (answer as SyncResponse).results) {
      const change = (body as SyncRequest).changes?.find(({ rev }) => rev === result.rev);
      if (change?.type === 'UPDATED' && result.status === 'applied')
        result.conflicts = [{ path: 'title', base: 'Old', theirs: 'Theirs', yours: 'Mine', theirs_rev: 3 }];
    }
    return undefined;
  };
  for (const keep of ['mine', 'theirs'] as const) {
    await channel.update(topic, { title: 'Mine' });
    await client.sync();
    const [conflict, ...more] = await firstValueFrom(client.conflicts$);
    expect(conflict).toMatchObject({ key: topic, conflicts: [{ path: 'title', theirs: 'Theirs' }] });
    expect(more).toEqual([]);
    if (conflict) await client.settleConflict(conflict, keep);
    expect(await firstValueFrom(client.conflicts$)).toEqual([]);
    expect((await firstValueFrom(channel.node$(topic)))?.title).toBe(keep === 'mine' ? 'Mine' : 'Theirs');
  }
  await client.close();
});
