import { expect, it } from 'vitest';
import { canonicalJson, type Id, type JsonObject } from '@cambium/protocol';
import { checkLog } from '../sync/checkLog.ts';
import { pull } from '../sync/pull.ts';
import { snapshot } from '../sync/snapshot.ts';
import { TestClient, id, testWorld, type Sent, type World } from '../sync/testing/world.ts';
import { checkTree } from '../tree/index.ts';
import { randomOf } from '../tree/testing/database.ts';
import { compactChannel, type CompactOptions, type CompactWorld } from './channel.ts';
import { compactAll } from './compactor.ts';

const SEED = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const ROUNDS = Number(process.env['RUNS'] ?? 3);
const DAY = 86_400;

/** A world whose clock is ours, with one channel (pk 1). */
async function start() {
  let now = Date.UTC(2030, 0, 1);
  const world = await testWorld(':memory:', () => now);
  const client = new TestClient(world.writer, world.owner);
  const channel = id();
  await client.send(client.channel(channel));
  const compacting: CompactWorld = {
    reader: world.connection,
    writer: world.writer,
    clock: world.deps.clock,
    signal: new AbortController().signal,
  };
  return {
    world,
    client,
    channel,
    pass: (seconds: number) => void (now += seconds * 1_000),
    compact: (keep: number, more: Partial<CompactOptions> = {}) =>
      compactChannel(compacting, 1, { keep, least: 1, ...more }),
    compactAll: (keep: number) => compactAll(compacting, { keep, least: 1 }),
    topics: async (count: number, parent: Id = channel) => {
      const keys = Array.from({ length: count }, id);
      await client.send(...keys.map((key) => client.topic(channel, key, parent)));
      return keys;
    },
    note: (cursors: { rev: number; ago: number }[], holds: { rev: number; for: number }[] = []) =>
      world.writer.command('log.note', {
        holds: holds.map(({ rev, for: seconds }) => ({ channel: 1, rev, until: text(now + seconds * 1_000) })),
        cursors: cursors.map(({ rev, ago }, i) => ({
          channel,
          user: world.owner.pk,
          client_id: `${i}`.padStart(32, '0'),
          rev,
          seen: text(now - ago * 1_000),
        })),
      }),
  };
}

const text = (ms: number) => new Date(ms).toISOString();

function state({ connection }: World) {
  const read = <T>(sql: string) => connection.raw.prepare(sql).pluck().get() as T;
  return {
    head: read<number>('SELECT head FROM channel WHERE pk = 1'),
    checkpoint: read<number>('SELECT checkpoint FROM channel WHERE pk = 1'),
    first: read<number | null>('SELECT min(rev) FROM change_log WHERE channel = 1'),
    checkpoints: read<number>('SELECT count(*) FROM checkpoint'),
    parts: read<number>('SELECT count(DISTINCT rev) FROM checkpoint_rows'),
  };
}

/** A snapshot's lines, whatever the order of their fields, without what is told as it is now. */
async function past(world: World, at: number): Promise<string[]> {
  let all = '';
  for await (const piece of await snapshot(world.connection.raw, { channel: 1, viewer: world.owner, at })) all += piece;
  return all
    .trimEnd()
    .split('\n')
    .map((line) => canonicalJson(JSON.parse(line) as JsonObject))
    .map((line) => line.replace(/"original_channel_name":"[^"]*",/, ''));
}

/** Draws changes of every kind, many of them impossible. */
function drawer(client: TestClient, channel: Id, pick: (below: number) => number, live: () => Id[]) {
  const items: Id[] = [];
  const files: Id[] = [];
  const one = <T>(list: readonly T[]): T => list[pick(list.length)] as T;
  const other = (table: string, change: Sent): Sent => ({ ...change, table });
  const place = () => ({ target: one(live()), position: one(['first-child', 'last-child', 'left', 'right']) });
  const made = (list: Id[]): Id => {
    const key = id();
    list.push(key);
    return key;
  };
  const file = (): JsonObject => ({
    checksum: '0'.repeat(32),
    size: 1,
    name: 'a.pdf',
    file_format: 'pdf',
    preset: 'document',
    contentnode: one(live()),
  });
  return (): Sent => {
    const roll = pick(30);
    if (roll >= 20)
      return client.change('CREATED', channel, id(), {
        obj: { kind: one(['topic', 'exercise']), title: `t${pick(99)}` },
        ...place(),
      });
    if (roll < 8) return client.change('MOVED', channel, one(live()), place());
    if (roll < 11) return client.change('COPIED', channel, id(), { from_key: one(live()), ...place() });
    if (roll < 14) return client.updated(channel, one(live()), { title: `u${pick(99)}`, [`tags.t${pick(3)}`]: true });
    if (roll < 15) return client.deleted(channel, one(live()));
    if (roll < 16)
      return other(
        'assessmentitem',
        client.change('CREATED', channel, made(items), { obj: { contentnode: one(live()) } }),
      );
    if (roll < 17 && items.length > 0) return other('assessmentitem', client.deleted(channel, one(items)));
    if (roll < 18) return other('file', client.change('CREATED', channel, made(files), { obj: file() }));
    if (roll < 19)
      return other('contentnode_prerequisite', client.change('CREATED', channel, [one(live()), one(live())]));
    return pick(2) === 0
      ? other('channel', client.change('PUBLISHED', channel, channel))
      : other('channel', client.updated(channel, channel, { name: `n${pick(99)}` }));
  };
}

for (let round = 0; round < ROUNDS; round += 1) {
  const seed = SEED + round;
  it(`every rev that is kept reads as it did before (SEED=${seed})`, async () => {
    const pick = randomOf(seed);
    const { world, client, channel, pass, compact } = await start();
    const { raw } = world.connection;
    const live = () => raw.prepare<[], Id>('SELECT id FROM node ORDER BY lft').pluck().all();
    const draw = drawer(client, channel, pick, live);
    const seen = new Map<number, string[]>();
    for (let day = 0; day < 8; day += 1) {
      const before = state(world).head;
      await client.send(...Array.from({ length: 1 + pick(20) }, draw));
      for (let rev = before + 1; rev <= state(world).head; rev += 1) seen.set(rev, await past(world, rev));
      pass(DAY);
      // Now and then as for a channel that is too large to be replayed.
      if (pick(3) > 0) await compact(pick(5) * DAY, pick(2) === 0 ? { replayed: 0 } : {});
      const { checkpoint, head } = state(world);
      for (const [rev, text] of seen) {
        if (rev < checkpoint)
          await expect(past(world, rev)).rejects.toMatchObject({ error: { code: 'snapshot_gone' } });
        else expect(await past(world, rev), `rev ${rev} of ${head}, checkpoint ${checkpoint}`).toEqual(text);
      }
    }
    // Whatever was drawn, it was compacted once.
    await compact(0);
    expect(state(world).checkpoint).toBeGreaterThan(0);
    expect(await checkLog(raw)).toEqual([]);
    expect(checkTree(raw)).toEqual([]);
    expect(world.errors).toEqual([]);
  });
}

it('keeps what is younger than asked, and never less than a minute', async () => {
  const { world, pass, topics, compact } = await start();
  await topics(10);
  pass(3 * DAY);
  await topics(10);
  pass(DAY);
  expect(await compact(2 * DAY)).toBe(11);
  expect(state(world)).toEqual({ head: 21, checkpoint: 11, first: 12, checkpoints: 1, parts: 1 });
  await topics(1);
  pass(30);
  expect(await compact(0)).toBe(10);
  pass(31);
  expect(await compact(0)).toBe(1);
  expect(state(world)).toEqual({ head: 22, checkpoint: 22, first: null, checkpoints: 1, parts: 1 });
  expect(await checkLog(world.connection.raw)).toEqual([]);
});

it('keeps what a snapshot of the last day or a client of the last week has not read', async () => {
  const { world, pass, topics, compact, note } = await start();
  await topics(20);
  pass(DAY);
  await note([{ rev: 12, ago: 6 * DAY }], [{ rev: 9, for: 3_600 }]);
  expect(await compact(0)).toBe(9);
  pass(3_601);
  expect(await compact(0)).toBe(3);
  pass(DAY);
  expect(await compact(0)).toBe(9);
  expect(state(world).checkpoint).toBe(21);
});

it('tells a cursor before the checkpoint to take a snapshot, and reads on from any other', async () => {
  const { world, channel, pass, topics, compact } = await start();
  await topics(9);
  pass(DAY);
  await compact(3_600);
  await topics(5);
  const read = (at: number) => pull(world.connection.raw, world.owner, { [channel]: at });
  expect(read(9)).toMatchObject({ changes: [], snapshot_required: [channel], channel_revs: {}, more: false });
  expect(read(10).changes).toHaveLength(5);
  expect(read(10)).not.toHaveProperty('snapshot_required');
});

it('reads no gap while the entries before a checkpoint are being deleted', async () => {
  const { world, channel, topics } = await start();
  await topics(9);
  world.connection.raw.exec('DELETE FROM change_log WHERE rev <= 5');
  const { changes, snapshot_required } = pull(world.connection.raw, world.owner, { [channel]: 3 });
  expect([changes, snapshot_required]).toEqual([[], [channel]]);
});

it('says of an overwritten value that the log no longer knows whose it was', async () => {
  const { client, channel, pass, topics, compact } = await start();
  const [topic] = (await topics(1)) as [Id];
  await client.send(client.updated(channel, topic, { title: 'theirs' }));
  pass(DAY);
  await compact(0);
  const [result] = await client.send(client.updated(channel, topic, { title: 'mine' }, { base: { title: 'old' } }));
  expect(result).toMatchObject({ status: 'applied', conflicts: [{ theirs: 'theirs', theirs_rev: null }] });
});

it('takes the rows of a large copy along, which lie apart', async () => {
  const { world, client, channel, pass, topics, compact } = await start();
  const [top] = (await topics(1)) as [Id];
  await topics(300, top);
  await client.send(client.copied(channel, id(), top, channel));
  const kept = () => world.connection.raw.prepare('SELECT count(*) FROM copied_rows').pluck().get();
  expect(kept()).toBe(1);
  const text = await past(world, state(world).head);
  pass(DAY);
  await compact(0);
  expect(kept()).toBe(0);
  expect(await past(world, state(world).head)).toEqual(text);
});

it('gives a channel that is too large to be replayed its checkpoint at the head, and uses it when that is old enough', async () => {
  const { world, pass, topics, compact } = await start();
  await topics(10);
  pass(3 * DAY);
  await topics(5);
  expect(await compact(DAY, { replayed: 0 })).toBe(0);
  expect(state(world)).toMatchObject({ checkpoint: 0, first: 1, checkpoints: 1 });
  // Another one would be of no use before this one is.
  await topics(5);
  expect(await compact(DAY, { replayed: 0 })).toBe(0);
  expect(state(world)).toMatchObject({ checkpoints: 1 });
  pass(2 * DAY);
  expect(await compact(DAY, { replayed: 0 })).toBe(16);
  expect(state(world)).toMatchObject({ checkpoint: 16, first: 17, checkpoints: 1, parts: 1 });
});

it('deletes what a run that was killed left', async () => {
  const { world, pass, topics, compact } = await start();
  await topics(5);
  await world.writer.command('checkpoint.part', { channel: 1, rev: 6, part: 0, rows: new Uint8Array(3) });
  pass(DAY);
  expect(await compact(0)).toBe(6);
  expect(await checkLog(world.connection.raw)).toEqual([]);
  expect(state(world).parts).toBe(1);
});

it('ends the log of a deleted channel as a whole when its last entry is old enough', async () => {
  const { world, client, channel, pass, topics, compactAll: all } = await start();
  await topics(5);
  pass(DAY);
  await client.send({ ...client.deleted(channel, channel), table: 'channel' });
  const read = () => pull(world.connection.raw, world.owner, { [channel]: 3 });
  pass(3_600);
  expect(await all(2 * 3_600)).toEqual({ channels: 0, entries: 0 });
  expect(read().changes).toHaveLength(4);
  pass(3_600);
  expect(await all(2 * 3_600)).toEqual({ channels: 1, entries: 7 });
  expect(read()).toMatchObject({ changes: [], unavailable: [channel] });
  expect(await checkLog(world.connection.raw)).toEqual([]);
});

it('goes on with the other channels when the log of one is damaged, and says so at the end', async () => {
  const { world, client, pass, compactAll: all, topics } = await start();
  const other = id();
  await client.send(client.channel(other));
  await client.send(client.topic(other, id(), other));
  await topics(3);
  world.connection.raw.prepare('DELETE FROM change_log WHERE channel = 1 AND rev = 3').run();
  pass(100 * DAY);
  await expect(all(0)).rejects.toThrow('missing in the log');
  const checkpoints = world.connection.raw.prepare('SELECT pk, checkpoint FROM channel ORDER BY pk').raw().all();
  expect(checkpoints).toEqual([
    [1, 0],
    [2, 2],
  ]);
});
