/**
 * How soon everybody hears of a change: hundreds of listeners of one channel, a change of one author at a time, durable
 * (FULL). From sending the change to the event at a listener, so the request and the commit are in it: how long these
 * take is told by the same changes while nobody listens. Every listener must hear of every change.
 *
 *   npx tsx --conditions=source test/bench/push.ts [listeners=500] [pushes=100] [rounds=5] [pause=50]
 *
 * Uses the built server (`npm run build`). The listeners share this machine with it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from './ingest/author.ts';
import { Child } from './ingest/child.ts';
import { appliedIn, Connection } from './ingest/load.ts';
import { problemsOf } from './ingest/verify.ts';
import { Listener } from './push/listener.ts';
import { figureOf } from './report/figure.ts';
import { option, Report } from './report/report.ts';

const LISTENERS = option('listeners', 500);
const PUSHES = option('pushes', 100);
const ROUNDS = option('rounds', 5);
const PAUSE = option('pause', 50);

const folder = mkdtempSync(join(tmpdir(), 'cambium-push-'));
const child = await Child.start(folder, 'FULL');
const report = new Report('push');
const client = new Client(1);
const connection = new Connection(child.url);
let expected = 0;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function send(body: Buffer): Promise<void> {
  const applied = appliedIn([await connection.post('/api/sync', body)]);
  expected += applied;
  if (applied === 0) throw new Error('a change was not applied');
}

/** Milliseconds of each event at each listener, and of the answer that the author got. */
async function round(listeners: readonly Listener[]): Promise<{ heard: number[]; answered: number[] }> {
  const [heard, answered]: [number[], number[]] = [[], []];
  for (let i = 0; i < PUSHES; i += 1) {
    const body = client.body([client.create()]);
    const rev = expected + 1;
    const all = Promise.all(listeners.map((listener) => listener.until(rev)));
    const start = performance.now();
    await send(body);
    answered.push(performance.now() - start);
    for (const at of await all) heard.push(at - start);
    await sleep(PAUSE);
  }
  return { heard, answered };
}

function at(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number;
}

try {
  await send(client.body([client.makeChannel()]));
  // The first changes find code that was never run.
  await round([]);
  const alone = [];
  for (let i = 0; i < ROUNDS; i += 1) alone.push(await round([]));
  const listeners = await Promise.all(
    Array.from({ length: LISTENERS }, () => Listener.open(child.url, client.channel)),
  );
  await Promise.all(listeners.map((listener) => listener.until(expected)));
  for (let i = 0; i < 20; i += 1) await send(client.body([client.create()]));
  await Promise.all(listeners.map((listener) => listener.until(expected)));

  const rounds = [];
  for (let i = 0; i < ROUNDS; i += 1) rounds.push(await round(listeners));
  for (const [what, kind, of] of [
    [`sent to heard, ${LISTENERS} listeners`, 'heard', rounds],
    ['sent to answered, the author', 'answered', rounds],
    ['sent to answered, nobody listens', 'answered', alone],
  ] as const) {
    const figure = (share: number) => figureOf(of.map((times) => at(times[kind], share)));
    report.add({ what, 'p50 ms': figure(0.5), 'p99 ms': figure(0.99), 'longest ms': figure(1) });
  }
  for (const listener of listeners) listener.close();
} finally {
  connection.close();
  await child.stop();
}
const problems = problemsOf(join(folder, 'cambium.db'), expected);
rmSync(folder, { recursive: true });
if (problems.length > 0) throw new Error(problems.join('; '));
report.end();
