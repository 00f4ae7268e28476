/**
 * What the machine allows at most: durable appends, the very rows of a run written again with nothing else to do, and the
 * very requests of a run carried by HTTP to a server that only counts bytes.
 *
 *   npx tsx --conditions=source test/bench/limit.ts [changes=20000] [rounds=5]
 *
 * Uses the built server (`npm run build`).
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from './ingest/author.ts';
import { Child } from './ingest/child.ts';
import { replayRows, syncRate } from './ingest/limit.ts';
import { appliedIn, Connection } from './ingest/load.ts';
import { figureOf } from './report/figure.ts';
import { option, Report } from './report/report.ts';

const CHANGES = option('changes', 20_000);
const ROUNDS = option('rounds', 5);
const SIZES = [1, 10, 100, 1000];
const LINES = 8;

const folder = mkdtempSync(join(tmpdir(), 'cambium-limit-'));
const report = new Report('limit');
const times = <T>(call: () => T): T[] => Array.from({ length: ROUNDS }, call);

/** Runs the changes once, so that there are rows to write again. Returns the bytes of one change's answer. */
async function fill(data: string): Promise<number> {
  const child = await Child.start(data, 'NORMAL');
  const connection = new Connection(child.url);
  const client = new Client(1);
  await connection.post('/api/sync', client.body([client.makeChannel()]));
  const answers = await connection.sendAll(client.bodies(CHANGES, 1000, client.create));
  if (appliedIn(answers) < CHANGES) throw new Error('not all were applied');
  connection.close();
  await child.stop();
  return answers.join('').length / CHANGES;
}

/** Changes a second that eight clients carry to the server that only counts. */
async function echo(size: number, answerBytes: number): Promise<number> {
  const child = fork(fileURLToPath(new URL('limit/echo.mjs', import.meta.url)), { execArgv: [] });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  const lines = Array.from({ length: LINES }, (_, i) => {
    const client = new Client(i + 1);
    client.makeChannel();
    const count = Math.max(size * 5, (size === 1 ? CHANGES / 4 : CHANGES) / LINES);
    return { connection: new Connection(url), bodies: client.bodies(count, size, client.create) };
  });
  const path = `/?bytes=${Math.round(size * answerBytes)}`;
  const run = (bodies: (all: Buffer[]) => Buffer[]) =>
    Promise.all(
      lines.map(async (line) => {
        for (const body of bodies(line.bodies)) await line.connection.post(path, body);
      }),
    );
  await run((all) => all.slice(0, Math.ceil(all.length / 5)));
  const start = process.hrtime.bigint();
  await run((all) => all);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  for (const { connection } of lines) connection.close();
  child.send('stop');
  await once(child, 'exit');
  return lines.reduce((sum, { bodies }) => sum + bodies.length * size, 0) / seconds;
}

try {
  const data = join(folder, 'data');
  const answerBytes = await fill(data);
  const rates = times(() => syncRate(folder));
  report.add({ what: 'write and fdatasync of 4 KiB', batch: 1, 'a second': figureOf(rates), 'CPU µs': '' });
  for (const synchronous of ['FULL', 'NORMAL'] as const) {
    for (const size of SIZES) {
      const runs = [];
      for (let i = 0; i < ROUNDS; i += 1)
        runs.push(await replayRows(join(data, 'cambium.db'), folder, size, synchronous));
      report.add({
        what: `the rows of changes, blindly, ${synchronous}`,
        batch: size,
        'a second': figureOf(runs.map(({ rate }) => rate)),
        'CPU µs': figureOf(runs.map(({ cpu }) => cpu)),
      });
    }
  }
  for (const size of SIZES) {
    const runs = [];
    for (let i = 0; i < ROUNDS; i += 1) runs.push(await echo(size, answerBytes));
    report.add({
      what: 'the requests of changes, to a server that only counts',
      batch: size,
      'a second': figureOf(runs),
      'CPU µs': '',
    });
  }
  report.end();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
