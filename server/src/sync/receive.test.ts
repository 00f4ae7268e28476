import { describe, expect, it } from 'vitest';
import { derivedId } from '@cambium/protocol';
import { checkTree } from '../tree/index.ts';
import { TestClient, id, outline, testWorld, verdictOf, type Sent } from './testing/world.ts';

async function start() {
  const world = await testWorld();
  const client = new TestClient(world.writer, world.owner);
  const channel = id();
  expect(await client.verdicts(client.channel(channel, 'Root'))).toEqual(['applied']);
  return { world, client, channel, tree: () => outline(world, channel) };
}

describe('a batch', () => {
  it('applies in the order sent, with gapless revs, and a refused change leaves no trace', async () => {
    const { world, client, channel, tree } = await start();
    const [a, b] = [id(), id()];
    const results = await client.send(
      client.topic(channel, a, channel, 'A'),
      client.topic(channel, id(), id(), 'lost'),
      client.topic(channel, b, a, 'B'),
      client.moved(channel, channel, a),
      client.updated(channel, b, { title: 'B2' }),
    );
    expect(results.map(verdictOf)).toEqual(['applied', 'rejected: not_found', 'applied', 'rejected: root', 'applied']);
    expect(results.flatMap((r) => ('server_rev' in r ? [r.server_rev] : []))).toEqual([2, 3, 4]);
    expect(tree()).toEqual(['Root', '  A', '    B2']);
    expect(checkTree(world.connection.raw)).toEqual([]);
    const log = world.connection.raw.prepare('SELECT rev, prev, entry FROM change_log ORDER BY rev').all() as {
      rev: number;
      prev: number;
    }[];
    expect(log.map(({ rev, prev }) => [rev, prev])).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
      [4, 3],
    ]);
  });

  it('tells an unknown channel and a foreign one apart by nothing', async () => {
    const { world, channel } = await start();
    const other = new TestClient(world.writer, world.stranger);
    const [foreign, unknown] = await other.send(other.topic(channel, id(), channel), other.topic(id(), id(), id()));
    expect(foreign && verdictOf(foreign)).toBe('disallowed: forbidden');
    expect({ ...foreign, rev: 0 }).toEqual({ ...unknown, rev: 0 });
  });

  it('lets the author work in a channel that the same batch makes', async () => {
    const { world, client } = await start();
    const made = id();
    expect(await client.verdicts(client.channel(made, 'New'), client.topic(made, id(), made, 'In it'))).toEqual([
      'applied',
      'applied',
    ]);
    expect(outline(world, made)).toEqual(['New', '  In it']);
  });
});

describe('exactly once', () => {
  it('answers a batch sent again with the same results and does nothing', async () => {
    const { client, channel, tree } = await start();
    const batch = [
      client.topic(channel, id(), channel, 'A'),
      client.moved(channel, id(), channel),
      client.topic(channel, id(), channel, 'B'),
    ];
    const first = await client.send(...batch);
    const before = tree();
    for (let i = 0; i < 3; i += 1) expect(await client.send(...batch)).toEqual(first);
    expect(tree()).toEqual(before);
    expect(await client.send(...batch.slice(1), client.topic(channel, id(), channel, 'C'))).toMatchObject([
      first[1],
      first[2],
      { status: 'applied', server_rev: 4 },
    ]);
  });

  it('refuses a used rev with another change and keeps the first outcome', async () => {
    const { client, channel, tree } = await start();
    const change = client.topic(channel, id(), channel, 'first');
    const first = await client.send(change);
    expect(await client.verdicts({ ...change, key: id() })).toEqual(['rejected: rev_reused']);
    expect(await client.send(change)).toEqual(first);
    expect(tree()).toEqual(['Root', '  first']);
  });

  it('remembers the fact when the words are forgotten', async () => {
    const { client, channel, tree } = await start();
    const change = client.topic(channel, id(), channel, 'once');
    await client.send(change);
    await client.answer([], { acked_rev: client.rev });
    expect(await client.send(change)).toEqual([{ rev: change['rev'], status: 'acknowledged' }]);
    expect(await client.verdicts({ ...change, key: id() })).toEqual(['rejected: rev_reused']);
    const late = { ...client.topic(channel, id(), channel, 'late') };
    client.rev += 10;
    await client.answer([client.topic(channel, id(), channel, 'newer')], { acked_rev: client.rev });
    expect(await client.verdicts(late)).toEqual(['applied']);
    expect(tree()).toEqual(['Root', '  once', '  newer', '  late']);
  });

  it('forgets the words up to the rev that is acknowledged, in the midst of a batch too', async () => {
    const { client, channel } = await start();
    const changes = ['a', 'b', 'c', 'd'].map((title) => client.topic(channel, id(), channel, title));
    const results = await client.send(...changes);
    const fresh = client.topic(channel, id(), channel, 'e');
    await client.answer([fresh], { acked_rev: changes[1]?.['rev'] as number });
    const again = await client.send(...changes.slice(1), fresh);
    expect(again.slice(0, 3)).toEqual([{ rev: changes[1]?.['rev'], status: 'acknowledged' }, results[2], results[3]]);
    expect(again[3]).toMatchObject({ rev: fresh['rev'], status: 'applied' });
    await client.answer([], { acked_rev: client.rev });
    expect((await client.verdicts(...changes, fresh)).filter((verdict) => verdict !== 'acknowledged')).toEqual([]);
    expect(await client.verdicts({ ...(changes[3] as Sent), key: id() })).toEqual(['rejected: rev_reused']);
  });

  it('applies a rev that comes twice in one batch once', async () => {
    const { client, channel, tree } = await start();
    const change = client.topic(channel, id(), channel, 'once');
    const [one, two] = await client.send(change, change);
    expect(two).toEqual(one);
    expect(tree()).toEqual(['Root', '  once']);
  });

  it('shares one commit between the same batch sent ten times at once', async () => {
    const { client, channel, tree } = await start();
    const batch = [client.topic(channel, id(), channel, 'A'), client.topic(channel, id(), channel, 'B')];
    const all = await Promise.all(Array.from({ length: 10 }, () => client.send(...batch)));
    for (const results of all) expect(results).toEqual(all[0]);
    expect(tree()).toEqual(['Root', '  A', '  B']);
  });

  it('keeps one client_id of two users apart', async () => {
    const { world, client, channel } = await start();
    const thief = new TestClient(world.writer, world.stranger);
    Object.assign(thief, { clientId: client.clientId });
    const own = id();
    expect(await thief.verdicts(thief.channel(own), thief.topic(own, id(), own))).toEqual(['applied', 'applied']);
    expect(await client.verdicts(client.topic(channel, id(), channel))).toEqual(['applied']);
  });
});

describe('order', () => {
  it('refuses a batch before the one it builds on, and applies nothing of it', async () => {
    const { client, channel, tree } = await start();
    const first = client.topic(channel, id(), channel, 'A');
    const second = client.topic(channel, id(), channel, 'B');
    const refused = client.answer([second], { after_rev: first['rev'] as number });
    await expect(refused).rejects.toMatchObject({ error: { code: 'out_of_order', details: { last_rev: 1 } } });
    expect(tree()).toEqual(['Root']);
    await client.answer([first], { after_rev: 1 });
    await client.answer([second], { after_rev: first['rev'] as number });
    expect(tree()).toEqual(['Root', '  A', '  B']);
  });

  it('refuses a client that knows another database', async () => {
    const { client, channel } = await start();
    const refused = client.answer([client.topic(channel, id(), channel)], { server_id: id() });
    await expect(refused).rejects.toMatchObject({ error: { code: 'server_changed' } });
  });
});

describe('groups', () => {
  it('applies all or none at the place of the first, whichever fails', async () => {
    for (const at of [0, 1, 2]) {
      const { client, channel, tree } = await start();
      const [a, b] = [id(), id()];
      const good = [client.topic(channel, a, channel, 'A'), client.topic(channel, b, a, 'B')];
      const list = good
        .toSpliced(at, 0, client.moved(channel, channel, channel))
        .map((change) => ({ ...change, group: 'g' }));
      const first = await client.send(...list, client.topic(channel, id(), channel, 'C'));
      const expected = ['rejected: group_failed', 'rejected: group_failed', 'rejected: group_failed', 'applied'];
      expect(first.map(verdictOf)).toEqual(expected.with(at, 'rejected: root'));
      expect(tree()).toEqual(['Root', '  C']);
      expect((await client.send(...list)).map(verdictOf)).toEqual(expected.with(at, 'rejected: root').slice(0, 3));
    }
  });

  it('fails as a whole when one member is not allowed', async () => {
    const { world, client, channel, tree } = await start();
    const other = new TestClient(world.writer, world.stranger);
    const foreign = id();
    await other.send(other.channel(foreign));
    const list = [client.topic(channel, id(), channel), client.topic(foreign, id(), foreign)].map((c) => ({
      ...c,
      group: 'g',
    }));
    expect(await client.verdicts(...list)).toEqual(['rejected: group_failed', 'disallowed: forbidden']);
    expect(tree()).toEqual(['Root']);
  });

  it('takes back a channel, its revs and its owner with the group that made it', async () => {
    const { world, client, channel } = await start();
    const made = id();
    const list = [client.channel(made), client.topic(made, id(), made), client.moved(channel, channel, channel)];
    expect(await client.verdicts(...list.map((change) => ({ ...change, group: 'g' })))).toEqual([
      'rejected: group_failed',
      'rejected: group_failed',
      'rejected: root',
    ]);
    expect(world.connection.raw.prepare('SELECT 1 FROM channel WHERE id = ?').get(made)).toBeUndefined();
    expect(await client.verdicts(client.channel(made), client.topic(made, id(), made))).toEqual(['applied', 'applied']);
  });

  it('refuses one that is too large', async () => {
    const { client, channel, tree } = await start();
    const list = Array.from({ length: 1001 }, (_, i) => ({
      ...client.topic(channel, id(), channel, `${i}`),
      group: 'g',
    }));
    expect(new Set(await client.verdicts(...list))).toEqual(new Set(['rejected: too_large']));
    expect(tree()).toEqual(['Root']);
  });
});

describe('dependencies', () => {
  it('names what needs a row that the same batch failed to make, all the way down', async () => {
    const { client, channel, tree } = await start();
    const [a, b, c] = [id(), id(), id()];
    const verdicts = await client.verdicts(
      client.topic(channel, a, channel, 'x'.repeat(201)),
      client.topic(channel, b, a),
      client.topic(channel, c, b),
      client.updated(channel, a, { title: 'A' }),
      client.copied(channel, id(), a, channel),
      client.topic(channel, id(), channel, 'fine'),
    );
    expect(verdicts).toEqual([
      'rejected: invalid_value',
      ...Array.from({ length: 4 }, () => 'rejected: dependency_failed'),
      'applied',
    ]);
    expect(tree()).toEqual(['Root', '  fine']);
  });

  it('knows the ids inside a refused copy', async () => {
    const { client, channel } = await start();
    const [a, a1, copy] = [id(), id(), id()];
    await client.send(client.topic(channel, a, channel), client.topic(channel, a1, a));
    const verdicts = await client.verdicts(
      client.copied(channel, copy, a, channel, { position: 'left' }),
      client.updated(channel, derivedId(copy, a1), { title: 'in' }),
      client.updated(channel, copy, { title: 'top' }),
    );
    expect(verdicts).toEqual(['rejected: root', 'rejected: dependency_failed', 'rejected: dependency_failed']);
  });
});

describe('conflicts', () => {
  it('says who wrote what an update writes over', async () => {
    const { client, channel } = await start();
    const a = id();
    await client.send(client.topic(channel, a, channel, 'T0'));
    const [theirs] = await client.send(client.updated(channel, a, { title: 'theirs' }));
    await client.send(client.updated(channel, a, { description: 'unrelated' }));
    const [mine] = await client.send(client.updated(channel, a, { title: 'yours' }, { base: { title: 'T0' } }));
    const theirs_rev = theirs && 'server_rev' in theirs && theirs.server_rev;
    expect(mine).toMatchObject({
      conflicts: [{ path: 'title', base: 'T0', theirs: 'theirs', yours: 'yours', theirs_rev }],
    });
  });
});

describe('deleting a channel', () => {
  it('ends its log and everything in it; the id is never used again', async () => {
    const { world, client, channel } = await start();
    const a = id();
    await client.send(client.topic(channel, a, channel));
    const roles: object[] = [];
    world.writer.onCommitted((committed) => roles.push(...committed.roles));
    const verdicts = await client.verdicts(
      { ...client.deleted(channel, channel), table: 'channel' },
      client.topic(channel, id(), channel),
      client.channel(channel),
    );
    expect(verdicts).toEqual(['applied', 'disallowed: forbidden', 'rejected: already_exists']);
    expect(roles).toEqual([{ channel, user: world.owner.id, role: null }]);
    const other = id();
    expect(await client.verdicts(client.channel(other), client.topic(other, a, other))).toEqual([
      'applied',
      'rejected: already_exists',
    ]);
  });
});
