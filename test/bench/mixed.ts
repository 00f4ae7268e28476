/**
 * Reads while the writer is busy: pages of children before, during and after batches of 10,000 changes, and then many
 * clients that edit, read and pull at once.
 *
 *   npx tsx --conditions=source test/bench/mixed.ts [clients=50] [seconds=10] [rounds=3]
 *
 * Uses the built server (`npm run build`). The clients share this machine with the server; what they wrote is checked.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from './ingest/author.ts';
import { Child } from './ingest/child.ts';
import { appliedIn, Connection } from './ingest/load.ts';
import { problemsOf } from './ingest/verify.ts';
import { figureOf } from './report/figure.ts';
import { option, Report } from './report/report.ts';

const CLIENTS = option('clients', 50);
const SECONDS = option('seconds', 10);

const ROUNDS = option('rounds', 3);

const folder = mkdtempSync(join(tmpdir(), 'cambium-mixed-'));
const report = new Report('mixed');
let child: Child;
let expected = 0;

/** Times of each kind of request, milliseconds, by round. */
const times = new Map<string, number[][]>();
/** What was done in a second, and what it took, by round. */
const rates = new Map<string, number[]>();

async function timed(times: number[], work: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await work();
  times.push(performance.now() - start);
}

function note<T>(into: Map<string, T[]>, name: string, value: T): void {
  into.set(name, [...(into.get(name) ?? []), value]);
}

async function send(connection: Connection, bodies: Buffer[]): Promise<number> {
  const applied = appliedIn(await connection.sendAll(bodies));
  expected += applied;
  return applied;
}

/** Reads pages one after the other, with a pause, until told to stop. */
async function reader(client: Client, until: () => boolean): Promise<number[]> {
  const connection = new Connection(child.url);
  const times: number[] = [];
  for (let i = 0; !until(); i += 1) {
    const topic = client.topics[i % client.topics.length] ?? client.channel;
    await timed(times, () => connection.get(`/api/contentnode?parent=${topic}&max_results=25`));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  connection.close();
  return times;
}

async function duringBatches(): Promise<void> {
  const client = new Client(1);
  const connection = new Connection(child.url);
  await send(connection, [client.body([client.makeChannel()]), ...client.bodies(20_000, 1000, client.create)]);
  const quiet = performance.now() + 2000;
  note(times, 'page of children, nobody writes', await reader(client, () => performance.now() > quiet));

  const twin = new Client(2);
  await send(connection, [twin.body([twin.makeChannel()])]);
  // A request carries 5,000 changes at most: two that arrive together share a commit.
  const pairs = Array.from({ length: 6 }, () => [client, twin].map((each) => each.bodies(5000, 5000, each.create)));
  const second = new Connection(child.url);
  let busy = true;
  const reading = reader(client, () => !busy);
  const batches: number[] = [];
  for (const [one = [], other = []] of pairs) {
    await timed(batches, () => Promise.all([send(connection, one), send(second, other)]));
  }
  busy = false;
  note(times, 'page of children, during batches of 10,000', await reading);
  note(times, 'batch of 10,000', batches);
  for (const each of [connection, second]) each.close();
}

async function manyClients(): Promise<void> {
  const [edits, reads, pulls]: [number[], number[], number[]] = [[], [], []];
  const clients = Array.from({ length: CLIENTS }, (_, i) => ({
    client: new Client(i + 10),
    line: new Connection(child.url),
  }));
  for (const { client, line } of clients) {
    await send(line, [client.body([client.makeChannel()]), ...client.bodies(100, 100, client.create)]);
  }
  const end = performance.now() + SECONDS * 1000;
  let applied = 0;
  const before = await child.usage();
  await Promise.all(
    clients.map(async ({ client, line }, index) => {
      const neighbour = clients[(index + 1) % clients.length]?.client ?? client;
      let cursor = 0;
      while (performance.now() < end) {
        await timed(edits, async () => {
          const count = await send(line, client.bodies(10, 10, client.mixed));
          applied += count;
        });
        await timed(reads, () => line.get(`/api/contentnode?parent=${client.topics.at(-1) ?? ''}&max_results=25`));
        await timed(pulls, async () => {
          const cursors = { [neighbour.channel]: cursor };
          const body = Buffer.from(JSON.stringify({ client_id: client.clientId, channel_revs: cursors }));
          const answer = JSON.parse(await line.post('/api/sync', body)) as { channel_revs: Record<string, number> };
          cursor = answer.channel_revs[neighbour.channel] ?? cursor;
        });
      }
    }),
  );
  const after = await child.usage();
  note(times, `${CLIENTS} clients: batch of 10 changes, durable`, edits);
  note(times, `${CLIENTS} clients: page of children`, reads);
  note(times, `${CLIENTS} clients: pull of a neighbour's log`, pulls);
  note(rates, 'changes a second', applied / SECONDS);
  note(rates, 'pages a second', reads.length / SECONDS);
  note(rates, 'pulls a second', pulls.length / SECONDS);
  note(rates, 'CPU of the server, % of one', (after.cpu - before.cpu) / SECONDS / 10);
  note(rates, 'its memory, MiB', after.memory / 2 ** 20);
  for (const { line } of clients) line.close();
}

async function round(): Promise<void> {
  const data = join(folder, 'data');
  rmSync(data, { recursive: true, force: true });
  expected = 0;
  child = await Child.start(data, 'FULL');
  try {
    await duringBatches();
    await manyClients();
  } finally {
    await child.stop();
  }
  const problems = problemsOf(join(data, 'cambium.db'), expected);
  if (problems.length > 0) throw new Error(problems.slice(0, 5).join('; '));
}

function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

try {
  for (let i = 0; i < ROUNDS; i += 1) await round();
  for (const [what, byRound] of times) {
    const figure = (share: number) => figureOf(byRound.map((values) => at(values, share)));
    const count = figureOf(byRound.map(({ length }) => length)).median;
    report.add({ what, times: count, 'p50 ms': figure(0.5), 'p99 ms': figure(0.99), 'longest ms': figure(1) });
  }
  for (const [what, values] of rates) report.add({ what: `${CLIENTS} clients: ${what}`, found: figureOf(values) });
  report.end();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
