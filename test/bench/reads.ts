/**
 * Reads of a channel of a million nodes: in the process, as the server's own statements, and over HTTP; the snapshot
 * streamed with the server's memory watched; the search index made and asked.
 *
 *   npx tsx --conditions=source test/bench/reads.ts [leaves=100] [rounds=7] [folder=/tmp/x]
 *
 * 10,000 topics hold so many leaves each. Uses the built server (`npm run build`). With `folder` the database is kept
 * there and used again. `check` holds all of it against every invariant at the end (`check=1`; takes minutes).
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, type Id } from '@cambium/protocol';
import { checkFolder, readSettings } from '@cambium/server';
import { ensureServerId, inlineWriter, migrate, openDatabase, type User } from '@cambium/server/parts';
import { Child, TOKEN } from './ingest/child.ts';
import { appliedIn, Connection } from './ingest/load.ts';
import { titleOf } from './reads/words.ts';
import { idOf, randomOf } from './tree/author.ts';

const option = (name: string, otherwise: string): string =>
  process.argv.find((argument) => argument.startsWith(`${name}=`))?.slice(name.length + 1) ?? otherwise;

const LEAVES = Number(option('leaves', '100'));
const ROUNDS = Number(option('rounds', '7'));
const kept = option('folder', '');
const folder = kept || mkdtempSync(join(tmpdir(), 'cambium-reads-'));
const file = join(folder, 'cambium.db');
const channel = idOf(1);
const random = randomOf(7);

/** Ten topics a level, four levels deep, then leaves: by level. */
const levels: Id[][] = [[channel]];
let made = 1;
for (let level = 1; level <= 5; level += 1) {
  const width = level === 5 ? LEAVES : 10;
  levels.push((levels[level - 1] as Id[]).flatMap(() => Array.from({ length: width }, () => idOf((made += 1)))));
}
const topics = levels[4] as Id[];

function row(name: string, values: number[], unit: string, goal: string): void {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (place: number) => (sorted[place] as number).toPrecision(3);
  const middle = at(Math.floor(sorted.length / 2));
  console.log(`| ${name} | ${middle} ${unit} | ${at(0)} to ${at(sorted.length - 1)} | ${goal} |`);
}

/** The time of one call, microseconds, in each of the rounds. */
function perCall(calls: number, call: () => unknown): number[] {
  return Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    for (let n = 0; n < calls; n += 1) call();
    return ((performance.now() - start) / calls) * 1000;
  });
}

const one = <T>(list: readonly T[]): T => list[random(list.length)] as T;

/** Writes all nodes as a client would: through the writer, with a log. */
async function build(): Promise<void> {
  const connection = openDatabase(file, { synchronous: 'NORMAL' });
  await migrate(connection.db);
  const silent = () => undefined;
  const deps = {
    clock: { now: () => Date.now() },
    timers: { after: () => silent },
    random: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
    log: { debug: silent, info: silent, warn: silent, error: (fields: object) => console.error(fields) },
  };
  ensureServerId(connection.raw, deps);
  const writer = inlineWriter(connection.raw, deps);
  const { user } = await writer.command('user.add', { username: 'owner' });
  const client_id = newId(Date.now(), deps.random);
  let rev = 0;
  const start = process.cpuUsage();
  const change = (key: Id, more: object) => ({ rev: (rev += 1), type: 'CREATED', key, channel_id: channel, ...more });
  const send = async (by: User, changes: object[]) => {
    const body = JSON.stringify({ client_id, acked_rev: rev - changes.length, changes });
    const { results } = await writer.sync(by, new TextEncoder().encode(body));
    if (results.split('"applied"').length - 1 !== changes.length) throw new Error(results.slice(0, 500));
  };
  await send(user, [change(channel, { table: 'channel', obj: { name: 'A million' } })]);
  for (let level = 1; level <= 5; level += 1) {
    const keys = levels[level] as Id[];
    const width = level === 5 ? LEAVES : 10;
    for (let start = 0; start < keys.length; start += 2_000) {
      const page = keys.slice(start, start + 2_000);
      await send(
        user,
        page.map((key, i) => {
          const parent = (levels[level - 1] as Id[])[Math.floor((start + i) / width)];
          const [title, description] = [titleOf(random, 3), random(3) === 0 ? titleOf(random, 20) : ''];
          const kind = level === 5 ? 'video' : 'topic';
          return change(key, {
            table: 'contentnode',
            obj: { parent, kind, title, description, tags: { course: true } },
          });
        }),
      );
    }
  }
  const { user: spent, system: kernel } = process.cpuUsage(start);
  row('write, CPU a node (with the making of the changes)', [(spent + kernel) / made], 'µs', '');
  const before = process.cpuUsage();
  while (await writer.command('search.follow', { channel: 1, most: 500 }));
  const { user: cpu, system } = process.cpuUsage(before);
  row('search index, CPU a node', [(cpu + system) / made], 'µs', '');
  await writer.close();
  connection.close();
}

const FIELDS = `SELECT n.*, p.id AS parent_id FROM node n LEFT JOIN node p ON p.pk = n.parent`;

/** What a read costs without HTTP: statements over the indexes that the server has. */
function measureStatements(): void {
  const { raw, close } = openDatabase(file, { readonly: true });
  const count = raw.prepare<[Id], number>(`SELECT total_count FROM node WHERE id = ?`).pluck();
  const ancestors = raw
    .prepare<[Id], Id>(
      `WITH RECURSIVE up(pk, id, parent) AS (SELECT pk, id, parent FROM node WHERE id = ?
       UNION ALL SELECT a.pk, a.id, a.parent FROM up JOIN node a ON a.pk = up.parent) SELECT id FROM up`,
    )
    .pluck();
  const page = raw.prepare<[Id]>(
    `${FIELDS} WHERE n.parent = (SELECT pk FROM node WHERE id = ?) ORDER BY n.lft LIMIT 100`,
  );
  const subtree = raw.prepare<[Id]>(
    `SELECT d.* FROM node t JOIN node d ON d.channel = t.channel AND d.lft > t.lft AND d.lft < t.rgt WHERE t.id = ? ORDER BY d.lft`,
  );
  if (ancestors.all(one(levels[5] as Id[])).length !== 6) throw new Error('the ancestors are wrong');
  if (subtree.all(one(levels[3] as Id[])).length < 10 * (LEAVES + 1)) throw new Error('the subtree is wrong');
  row(
    'count of descendants',
    perCall(20_000, () => count.get(one(topics))),
    'µs',
    '≤ 10 µs',
  );
  row(
    'ancestors of a leaf (6)',
    perCall(20_000, () => ancestors.all(one(levels[5] as Id[]))),
    'µs',
    '≤ 20 µs',
  );
  row(
    'page of 100 children, rows',
    perCall(200, () => page.all(one(topics))),
    'µs',
    '',
  );
  row(
    `subtree of ${10 * (LEAVES + 1)}, rows`,
    perCall(50, () => subtree.all(one(levels[3] as Id[]))),
    'µs',
    '',
  );
  close();
}

async function measureHttp(): Promise<void> {
  const child = await Child.start(folder, 'FULL');
  const connection = new Connection(child.url);
  const times = async (path: () => string, calls = 40): Promise<number[]> => {
    const each: number[] = [];
    for (let n = 0; n < calls; n += 1) {
      const start = performance.now();
      await connection.get(path());
      each.push(performance.now() - start);
    }
    return each.slice(calls / 4);
  };
  const nodes = '/api/contentnode';
  row('HTTP: page of 100 children, all fields', await times(() => `${nodes}?parent=${one(topics)}`), 'ms', '< 10 ms');
  row('HTTP: ancestors', await times(() => `${nodes}?ancestors_of=${one(levels[5] as Id[])}`), 'ms', '');
  row('HTTP: one node', await times(() => `${nodes}/${one(levels[5] as Id[])}`), 'ms', '');
  row('HTTP: first 100 of a subtree', await times(() => `${nodes}?descendants_of=${one(levels[3] as Id[])}`), 'ms', '');
  const search = (text: () => string) => () => `${nodes}?channel_id=${channel}&search=${encodeURIComponent(text())}`;
  row('HTTP: search, 3 words of a title', await times(search(() => titleOf(random, 3))), 'ms', '');
  row('HTTP: search, one word', await times(search(() => titleOf(random, 1))), 'ms', '');
  row('HTTP: search, beginning of a word', await times(search(() => titleOf(random, 1).slice(0, 3))), 'ms', '');
  row(
    'HTTP: search, a word of every node',
    await times(
      search(() => 'course'),
      8,
    ),
    'ms',
    '',
  );
  row('memory of the server', [(await child.usage()).memory / 2 ** 20], 'MiB', '');
  connection.close();
  await child.stop();
}

/** Streams the whole channel and drops it, while 10,000 changes are applied. The kernel tells the largest memory. */
async function measureSnapshot(): Promise<void> {
  const child = await Child.start(folder, 'FULL');
  const connection = new Connection(child.url);
  await connection.get('/health');
  row('memory of a fresh server', [(await child.usage()).memory / 2 ** 20], 'MiB', '');
  const start = performance.now();
  const response = await fetch(`${child.url}/api/channel/${channel}/snapshot`, {
    headers: { authorization: `Token ${TOKEN}`, 'accept-encoding': 'identity' },
  });
  const writing = write(connection, 10_000);
  let bytes = 0;
  let end = '';
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    end = new TextDecoder().decode(chunk).slice(-80);
  }
  await writing;
  if (!/"end":true,"nodes":[1-9]/.test(end)) throw new Error(`the snapshot ends with ${end}`);
  row('HTTP: snapshot of all', [(performance.now() - start) / 1000], 's', '');
  row('its size', [bytes / 2 ** 20], 'MiB', '');
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  row('most memory of that server', [Number(/VmHWM:\s*(\d+)/.exec(status)?.[1]) / 1024], 'MiB', '< 300 MiB');
  connection.close();
  await child.stop();
}

/** Creates nodes in batches of 5,000; each must be applied. */
async function write(connection: Connection, count: number): Promise<void> {
  const fresh = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  const client_id = newId(Date.now(), fresh);
  for (let first = 1; first <= count; first += 5_000) {
    const changes = Array.from({ length: 5_000 }, (_, i) => ({
      rev: first + i,
      type: 'CREATED',
      table: 'contentnode',
      key: newId(Date.now(), fresh),
      channel_id: channel,
      obj: { parent: one(topics), kind: 'topic', title: titleOf(random, 3) },
    }));
    const answer = await connection.post('/api/sync', Buffer.from(JSON.stringify({ client_id, changes })));
    if (appliedIn([answer]) !== changes.length) throw new Error(answer.slice(0, 300));
  }
}

console.log(`\n${made.toLocaleString('en')} nodes\n\n| | median | spread | goal |\n| --- | ---: | ---: | ---: |`);
try {
  if (!existsSync(file)) await build();
  measureStatements();
  await measureHttp();
  await measureSnapshot();
  if (option('check', '') === '1') {
    const violations = await checkFolder(readSettings({ DATA_DIR: folder }, folder));
    console.log(violations.length === 0 ? '\ncheck: everything holds' : violations.join('\n'));
  }
} finally {
  if (!kept) rmSync(folder, { recursive: true, force: true });
}
