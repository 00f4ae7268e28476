import { expect, it } from 'vitest';
import { canonicalJson, normalizeId, parseChange, type Id, type JsonObject, type LogEntry } from '@cambium/protocol';
import { MemoryTree, applyChange, applyEntry } from '@cambium/tree';
import { checkTree } from '../tree/index.ts';
import { randomOf } from '../tree/testing/database.ts';
import { checkLog } from './checkLog.ts';
import { snapshot } from './snapshot.ts';
import { TestClient, testWorld, verdictOf, type Sent, type World } from './testing/world.ts';
import { replay } from './travel.ts';

const SEED = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const ROUNDS = Number(process.env['RUNS'] ?? 4);
const BATCHES = 30;

/** What must come of a batch: every change alone through the reducer over rows in memory, groups all or none. */
class Oracle {
  readonly log: LogEntry[] = [];
  tree = new MemoryTree();
  readonly #user: Id;

  constructor(user: Id) {
    this.#user = user;
  }

  batch(changes: Sent[]): string[] {
    const verdicts: string[] = [];
    changes.forEach((change, index) => {
      if (verdicts[index] !== undefined) return;
      const members =
        change['group'] === undefined
          ? [index]
          : changes.flatMap((other, i) => (other['group'] === change['group'] ? [i] : []));
      const before = this.log.length;
      let culprit: number | undefined;
      for (const member of members) {
        if (culprit !== undefined) break;
        verdicts[member] = this.#apply(changes[member] as Sent);
        if (verdicts[member] !== 'applied') culprit = member;
      }
      if (culprit === undefined || members.length === 1) return;
      for (const member of members) if (member !== culprit) verdicts[member] = 'rejected: group_failed';
      this.#rewind(before);
    });
    return verdicts;
  }

  #apply(raw: Sent): string {
    const parsed = parseChange(raw);
    if (!parsed.ok) return `rejected: ${parsed.errors.map(({ code }) => code).join(',')}`;
    const outcome = applyChange(parsed.change, { at: '', user: this.#user, authority: 'user' }, this.tree);
    if (!outcome.ok) return `rejected: ${outcome.errors.map(({ code }) => code).join(',')}`;
    for (const draft of outcome.entries) {
      const entry = { ...draft, at: '' } as LogEntry;
      this.log.push(entry);
      this.tree.apply(applyEntry(entry, this.tree));
    }
    return 'applied';
  }

  #rewind(length: number): void {
    this.log.length = length;
    this.tree = new MemoryTree();
    for (const entry of this.log) this.tree.apply(applyEntry(entry, this.tree));
  }
}

/** Draws changes of two channels, possible and impossible ones. */
function drawer(client: TestClient, channels: Id[], pick: (below: number) => number, live: (channel: Id) => Id[]) {
  const ids: Id[] = [...channels];
  const items: Id[] = [];
  const files: Id[] = [];
  const one = <T>(list: readonly T[]): T => list[pick(list.length)] as T;
  const fresh = (): Id => Array.from({ length: 32 }, () => pick(16).toString(16)).join('');
  /** Mostly a node that exists, of the channel itself. */
  const node = (channel: Id): Id => (pick(10) === 0 ? one(ids) : one([channel, ...live(channel)]));
  const made = (list: Id[]): Id => {
    const key = pick(12) === 0 ? one(ids) : fresh();
    list.push(key);
    return key;
  };
  const place = (channel: Id) => ({
    target: node(channel),
    position: one(['first-child', 'last-child', 'left', 'right']),
  });
  const owner = (channel: Id) =>
    pick(3) === 0
      ? { assessment_item: items.length > 0 ? one(items) : null }
      : { contentnode: pick(4) === 0 ? null : node(channel) };
  const file = (channel: Id): Sent => {
    const roll = pick(6);
    if (roll < 3 || files.length === 0) {
      const obj = {
        checksum: '0'.repeat(32),
        size: 1 + pick(2),
        name: 'a.pdf',
        file_format: 'pdf',
        preset: 'document',
        ...owner(channel),
      };
      return client.change('CREATED', channel, made(files), { obj });
    }
    return roll < 5 ? client.updated(channel, one(files), owner(channel)) : client.deleted(channel, one(files));
  };
  return (): Sent => {
    const channel = channels[pick(5) === 0 ? 1 : 0] as Id;
    const roll = pick(100);
    if (roll < 35)
      return client.change('CREATED', channel, made(ids), {
        obj: { kind: one(['topic', 'topic', 'video']), title: `t${pick(99)}` },
        ...place(channel),
      });
    if (roll < 60) return client.change('MOVED', channel, node(channel), place(channel));
    if (roll < 66)
      return client.change('COPIED', channel, made(ids), { from_key: one(ids.slice(-8)), ...place(channel) });
    if (roll < 78)
      return client.updated(channel, node(channel), {
        title: pick(9) === 0 ? 'x'.repeat(201) : `u${pick(99)}`,
        [`tags.t${pick(3)}`]: pick(2) === 0 ? null : true,
      });
    if (roll < 83) return client.deleted(channel, node(channel));
    if (roll < 88)
      return {
        ...client.change('CREATED', channel, made(items), { obj: { contentnode: node(channel), question: 'q' } }),
        table: 'assessmentitem',
      };
    if (roll < 90 && items.length > 0) return { ...client.deleted(channel, one(items)), table: 'assessmentitem' };
    if (roll < 96) return { ...file(channel), table: 'file' };
    if (roll < 98)
      return {
        ...client.change(pick(3) === 0 ? 'DELETED' : 'CREATED', channel, [node(channel), node(channel)]),
        table: 'contentnode_prerequisite',
      };
    if (roll < 99) return { ...client.change('PUBLISHED', channel, channel), table: 'channel' };
    return { ...client.updated(channel, channel, { name: `n${pick(99)}` }), table: 'channel' };
  };
}

/** Everything of a channel that does not tell the time, as a snapshot has it. */
async function stateOf(world: World, channel: number, at?: number): Promise<unknown[]> {
  let text = '';
  for await (const piece of await snapshot(world.connection.raw, {
    channel,
    viewer: world.owner,
    ...(at !== undefined && { at }),
  }))
    text += piece;
  const lines = text
    .trimEnd()
    .split('\n')
    .slice(1, -1)
    .map((line) => JSON.parse(line) as { table: string; row: JsonObject });
  const bare = lines.map(({ table, row }) => ({ table, row: { ...row, modified: null } }));
  const rest = bare.filter(({ table }) => table !== 'contentnode');
  return [
    ...bare.filter(({ table }) => table === 'contentnode'),
    ...rest.toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1)),
  ];
}

/** A prerequisite of the batch that was refused makes the reducer say `not_found` where the server says why. */
function isSame(server: string, oracle: string): boolean {
  return server === oracle || server.replaceAll('dependency_failed', 'not_found') === oracle;
}

for (let round = 0; round < ROUNDS; round += 1) {
  const seed = SEED + round;
  const examines = seed % 2 === 1;
  it(`random batches${examines ? ', examined before,' : ''} agree with the reducer in memory (SEED=${seed})`, async () => {
    const pick = randomOf(seed);
    const world = await testWorld(undefined, undefined, examines);
    const client = new TestClient(world.writer, world.owner);
    const oracle = new Oracle(world.owner.id);
    const channels = [1, 2].map(
      () => normalizeId(Array.from({ length: 32 }, () => pick(16).toString(16)).join('')) as Id,
    );
    const live = (channel: Id) => oracle.tree.order(channel).map(([node]) => node);
    const draw = drawer(client, channels, pick, live);
    const sent: { batch: Sent[]; results: unknown }[] = [];
    const take = async (batch: Sent[]) => {
      const results = await client.send(...batch);
      const [server, expected] = [results.map(verdictOf), oracle.batch(batch)];
      server.forEach((verdict, i) => {
        if (!isSame(verdict, expected[i] as string))
          expect({ change: batch[i], verdict }).toEqual({ change: batch[i], verdict: expected[i] });
      });
      sent.push({ batch, results });
    };

    await take(channels.map((channel) => client.channel(channel)));
    for (let n = 0; n < BATCHES; n += 1) {
      const group = pick(3) === 0 ? `g${n}` : undefined;
      const batch = Array.from({ length: 1 + pick(25) }, draw);
      await take(batch.map((change, i) => (group !== undefined && i % 3 === 1 ? { ...change, group } : change)));
      const old = sent[pick(sent.length)] as (typeof sent)[number];
      expect(await client.send(...old.batch)).toEqual(old.results);
    }

    expect(world.errors).toEqual([]);
    expect(checkTree(world.connection.raw)).toEqual([]);
    expect(await checkLog(world.connection.raw)).toEqual([]);
    for (const [index, channel] of channels.entries()) {
      const text = `SELECT entry FROM change_log WHERE channel = ? ORDER BY rev`;
      const entries = world.connection.raw.prepare<[number], { entry: string }>(text).all(index + 1);
      const log = entries.map(({ entry }) => JSON.parse(entry) as LogEntry);
      expect(log.map(({ server_rev }) => server_rev)).toEqual(log.map((_, i) => i + 1));
      expect(log.length).toBe(oracle.log.filter((entry) => entry.channel_id === channel).length);
      expect((await replay(world.connection.raw, index + 1, log.length)).order(channel)).toEqual(
        oracle.tree.order(channel),
      );
      expect(await stateOf(world, index + 1)).toEqual(await stateOf(world, index + 1, log.length));
    }
  });
}
