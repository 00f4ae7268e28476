/**
 * What the server takes in over HTTP: changes a second, each with a verdict and durable before its answer, by the size
 * of a batch; beside it what SQLite and the disk allow.
 *
 *   npx tsx --conditions=source test/bench/ingest.ts [rounds=3] [changes=20000] [only=REGEXP] [profile=FOLDER]
 *
 * Uses the built server (`npm run build`). What a run wrote is checked after its clock has stopped.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from './ingest/author.ts';
import { Child, type Durability } from './ingest/child.ts';
import { replayRows, type Limit } from './ingest/limit.ts';
import { appliedIn, Connection } from './ingest/load.ts';
import { problemsOf } from './ingest/verify.ts';
import { figureOf } from './report/figure.ts';
import { option, Report } from './report/report.ts';

const ROUNDS = option('rounds', 3);
const CHANGES = option('changes', 20_000);
const PROFILE = option('profile', '');
const ONLY = new RegExp(option('only', ''));
const CONNECTIONS = 8;
const SIZES = [1, 10, 100, 1000];

interface Workload {
  name: string;
  make: (client: Client) => ReturnType<Client['create']>;
  /** Nodes that are there before the clock starts. */
  nodes: number;
  connections: number;
  /** All in the channel of the first, instead of a channel each. */
  isShared?: boolean;
  /** Does it only add rows? Then the rows that it left are all it wrote, and writing them again is its limit. */
  addsOnly: boolean;
}

const WORKLOADS: Workload[] = [
  { name: 'create', make: (client) => client.create(), nodes: 100, connections: CONNECTIONS, addsOnly: true },
  { name: 'mixed', make: (client) => client.mixed(), nodes: 100, connections: CONNECTIONS, addsOnly: false },
  { name: 'move in 100k nodes', make: (client) => client.move(), nodes: 100_000, connections: 1, addsOnly: false },
  {
    name: 'eight move in 100k nodes',
    make: (client) => client.move(),
    nodes: 100_000,
    connections: CONNECTIONS,
    isShared: true,
    addsOnly: false,
  },
];

interface Figures extends Limit {
  limit: Limit | null;
}

async function run(folder: string, workload: Workload, size: number, synchronous: Durability): Promise<Figures> {
  const dataDir = join(folder, 'data');
  rmSync(dataDir, { recursive: true, force: true });
  const child = await Child.start(dataDir, synchronous, PROFILE || undefined);
  const lines = Array.from({ length: workload.connections }, (_, index) => ({
    client: new Client(index + 1),
    connection: new Connection(child.url),
  }));
  let expected = 0;
  for (const { client, connection } of workload.isShared ? lines.slice(0, 1) : lines) {
    const bodies = [client.body([client.makeChannel()]), ...client.bodies(workload.nodes, 1000, client.create)];
    expected += appliedIn(await connection.sendAll(bodies));
  }
  if (workload.isShared) {
    for (const line of lines.slice(1))
      line.client = (lines[0] as (typeof lines)[number]).client.companion(lines.indexOf(line) + 1);
  }
  const count = (size === 1 ? CHANGES / 4 : CHANGES) / lines.length;
  const work = lines.map(({ client, connection }) => ({
    connection,
    bodies: client.bodies(count, size, () => workload.make(client)),
  }));
  const before = await child.usage();
  const start = process.hrtime.bigint();
  const answers = await Promise.all(work.map(({ connection, bodies }) => connection.sendAll(bodies)));
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const after = await child.usage();
  const applied = appliedIn(answers.flat());
  expected += applied;
  for (const { connection } of lines) connection.close();
  await child.stop();

  const problems = problemsOf(join(dataDir, 'cambium.db'), expected);
  if (applied !== work.reduce((sum, { bodies }) => sum + bodies.length * size, 0))
    problems.push('not all were applied');
  if (problems.length > 0) throw new Error(`a run left behind: ${problems.slice(0, 5).join('; ')}`);
  const limit = workload.addsOnly ? await replayRows(join(dataDir, 'cambium.db'), folder, size, synchronous) : null;
  return { rate: applied / seconds, cpu: ((after.cpu - before.cpu) * 1000) / applied, limit };
}

const folder = mkdtempSync(join(tmpdir(), 'cambium-ingest-'));
const report = new Report('writes');
try {
  for (const workload of WORKLOADS) {
    for (const synchronous of ['FULL', 'NORMAL'] as const) {
      for (const size of SIZES) {
        if (!ONLY.test(`${workload.name} ${synchronous} ${size}`)) continue;
        const runs: Figures[] = [];
        for (let round = 0; round < ROUNDS; round += 1) runs.push(await run(folder, workload, size, synchronous));
        const limits = runs.flatMap(({ limit, cpu }) => (limit ? [{ ...limit, share: (100 * limit.cpu) / cpu }] : []));
        const limit = (of: (one: (typeof limits)[number]) => number) =>
          limits.length > 0 ? figureOf(limits.map(of)) : '';
        report.add({
          workload: workload.name,
          durability: synchronous,
          batch: size,
          'changes/s': figureOf(runs.map(({ rate }) => rate)),
          'CPU µs a change': figureOf(runs.map(({ cpu }) => cpu)),
          'blind replay/s': limit(({ rate }) => rate),
          'its CPU, % of ours': limit(({ share }) => share),
        });
      }
    }
  }
  report.end();
} finally {
  rmSync(folder, { recursive: true });
}
