import { registerTable, type AppTable, type JsonObject } from '@cambium/protocol';
import { beforeEach, expect, test } from 'vitest';
import { TestClient, id, testWorld, verdictOf, type Sent, type World } from './testing/world.ts';

/** Whatever has a text is a note; a note of a viewer is the viewer's own. */
const note: AppTable = {
  name: 'note',
  schema: {
    safeParse: (fields) =>
      typeof (fields as JsonObject)['text'] === 'string'
        ? { success: true, data: fields as JsonObject }
        : { success: false, error: { issues: [{ path: ['text'], message: 'It must be text.' }] } },
  },
  may: ({ role, user, row }) => role !== 'viewer' || row === undefined || row.created_by === user,
};
const plain: AppTable = {
  name: 'plain',
  schema: { safeParse: (data) => ({ success: true, data: data as JsonObject }) },
};
registerTable(note);
registerTable(plain);

let world: World;
let owner: TestClient;
let viewer: TestClient;
let channel: string;

beforeEach(async () => {
  world = await testWorld();
  owner = new TestClient(world.writer, world.owner);
  viewer = new TestClient(world.writer, world.stranger);
  channel = id();
  await owner.send(owner.channel(channel));
});

const change = (client: TestClient, type: string, key: string, more: JsonObject = {}, table = 'note') =>
  ({ ...client.change(type, channel, key, more), table }) as Sent;
const rows = () =>
  world.connection.raw.prepare(`SELECT id, table_name, rev, fields FROM app_row ORDER BY pk`).all() as {
    rev: number;
    fields: string;
  }[];

test('a row is made, changed by paths, and deleted; the log tells it all', async () => {
  const [a, b] = [id(), id()];
  expect(
    await owner.verdicts(
      change(owner, 'CREATED', a, { obj: { text: 'one', deep: { x: 1 } } }),
      change(owner, 'UPDATED', a, { mods: { 'deep.y': 2, 'deep.x': null, extra: [1] } }),
      change(owner, 'UPDATED', a, { mods: { text: null } }),
      change(owner, 'CREATED', b, { obj: { text: 2 } }),
      change(owner, 'UPDATED', b, { mods: { text: 'x' } }),
      change(owner, 'MOVED', a, { target: channel }),
      change(owner, 'DELETED', b),
    ),
  ).toEqual([
    'applied',
    'applied',
    'rejected: invalid_value',
    'rejected: invalid_value',
    'rejected: dependency_failed',
    'rejected: unknown_type',
    'applied',
  ]);
  expect(rows().map(({ rev, fields }) => [rev, JSON.parse(fields) as unknown])).toEqual([
    [3, { text: 'one', deep: { y: 2 }, extra: [1], created_by: world.owner.id }],
  ]);
  await owner.send(change(owner, 'DELETED', a));
  expect(rows()).toEqual([]);
});

test('a conflict names who wrote what the author had not seen', async () => {
  const a = id();
  const [, , late] = await owner.send(
    change(owner, 'CREATED', a, { obj: { text: 'one' } }),
    change(owner, 'UPDATED', a, { mods: { text: 'two' } }),
    change(owner, 'UPDATED', a, { mods: { text: 'three' }, base: { text: 'one' } }),
  );
  expect(late).toMatchObject({
    conflicts: [{ path: 'text', base: 'one', theirs: 'two', yours: 'three', theirs_rev: 3 }],
  });
});

test('an id is one row’s, whatever its table, and comes back in its own table and channel only', async () => {
  const [a, topic] = [id(), id()];
  const made = (key: string, table: string) => change(owner, 'CREATED', key, { obj: { text: 'x' } }, table);
  expect(
    await owner.verdicts(
      made(a, 'note'),
      made(a, 'plain'),
      owner.topic(channel, a, channel),
      owner.topic(channel, topic, channel),
      made(topic, 'note'),
    ),
  ).toEqual(['applied', 'rejected: already_exists', 'rejected: already_exists', 'applied', 'rejected: already_exists']);
  expect(
    await owner.verdicts(
      change(owner, 'UPDATED', a, { mods: { text: 'y' } }, 'plain'),
      change(owner, 'DELETED', a, {}, 'plain'),
    ),
  ).toEqual(['rejected: not_found', 'applied']);
  expect(rows()).toHaveLength(1);
  await owner.send(change(owner, 'DELETED', a));
  expect(await owner.verdicts(made(a, 'plain'), owner.topic(channel, a, channel), made(a, 'note'))).toEqual([
    'rejected: already_exists',
    'rejected: already_exists',
    'applied',
  ]);
});

test('a refused group leaves nothing, and a deleted channel takes its rows', async () => {
  const [a, b] = [id(), id()];
  const group = { group: 'g' };
  const results = await owner.send(
    change(owner, 'CREATED', a, { obj: { text: 'x' }, ...group }),
    change(owner, 'CREATED', b, { obj: {}, ...group }),
  );
  expect(results.map(verdictOf)).toEqual(['rejected: group_failed', 'rejected: invalid_value']);
  expect(rows()).toEqual([]);
  await owner.send(change(owner, 'CREATED', a, { obj: { text: 'x' } }));
  expect(rows()).toHaveLength(1);
  await owner.send({ ...owner.change('DELETED', channel, channel), table: 'channel' } as Sent);
  expect(await owner.verdicts(change(owner, 'UPDATED', a, { mods: { text: 'y' } }))).toEqual(['disallowed: forbidden']);
  while (await world.writer.command('channel.clear', { channel: 1, most: 100 }));
  expect(rows()).toEqual([]);
});

test('the table decides who may write, among members alone; names that nobody registered are no tables', async () => {
  const [a, b] = [id(), id()];
  const verdict = async (client: TestClient, type: string, key: string, table?: string) =>
    (await client.verdicts(change(client, type, key, { obj: { text: 'x' }, mods: { text: 'y' } }, table)))[0];
  expect(await verdict(viewer, 'CREATED', a)).toBe('disallowed: forbidden');
  await world.writer.command('member.set', { by: null, channel, user: world.stranger.id, role: 'viewer' });
  expect(await verdict(viewer, 'CREATED', a)).toBe('applied');
  expect(await verdict(owner, 'CREATED', b)).toBe('applied');
  expect(await verdict(viewer, 'UPDATED', a)).toBe('applied');
  expect(await verdict(viewer, 'UPDATED', b)).toBe('disallowed: forbidden');
  expect(await verdict(viewer, 'DELETED', b)).toBe('disallowed: forbidden');
  expect(await verdict(viewer, 'CREATED', id(), 'plain')).toBe('disallowed: forbidden');
  expect(await verdict(owner, 'CREATED', id(), 'app_row')).toBe('rejected: unknown_table');
  expect(await verdict(owner, 'CREATED', id(), 'nobodys')).toBe('rejected: unknown_table');
});

test('a name is registered once, and never one of the engine’s', () => {
  expect(() => registerTable(note)).not.toThrow();
  expect(() => registerTable({ ...note })).toThrow('registered already');
  for (const name of ['contentnode', 'app_row', 'Note', '', '__proto__']) {
    expect(() => registerTable({ ...note, name }), name).toThrow('cannot call');
  }
});
