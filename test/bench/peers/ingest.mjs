/**
 * What each server takes in: nodes a second by the size of a batch, from eight clients with a channel each (a database,
 * collection, document or store), the same nodes for everybody. Made before the clock runs: the bytes that are sent.
 * Checked when it has stopped: that what is stored is what was sent, node for node.
 *
 *   node test/bench/peers/run.mjs ingest [rounds=3] [nodes=64000] [only=REGEXP]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemsOf } from '../ingest/verify.ts';
import { figureOf } from '../report/figure.ts';
import { option, Report } from '../report/report.ts';
import { Guest } from './guest.mjs';
import { batchesOf, digestOf, nodesOf } from './nodes.mjs';
import { SYSTEMS } from './systems.mjs';

const ROUNDS = option('rounds', 3);
const NODES = option('nodes', 64_000);
const ONLY = new RegExp(option('only', ''));
const LINES = 8;
const SIZES = [1, 10, 100, 1000];
/** The share of the batches that warms a server up before the clock runs. */
const WARM = 0.2;

const folder = mkdtempSync(join(tmpdir(), 'cambium-peers-'));

async function run(system, size) {
  const { line } = await import(`./${system.folder}/client.mjs`);
  const guest = await Guest.start(system.folder, join(folder, 'data'), LINES, system.env);
  try {
    const each = Math.max(size * 5, (size === 1 ? NODES / 4 : size === 10 ? NODES / 2 : NODES) / LINES);
    const nodes = Array.from({ length: LINES }, (_, i) => nodesOf(i + 1, each));
    const work = nodes.map((list) => batchesOf(list, size));
    const lines = await Promise.all(work.map((batches, i) => line(guest.url, i + 1, batches)));
    const count = (from, to) => work.flatMap((batches) => batches.slice(from, to)).flat().length;
    const [warm, end] = [Math.ceil(work[0].length * WARM), work[0].length];
    const send = async (from, to) => {
      await Promise.all(lines.map((one) => one.run(from, to)));
      if (lines[0].accepted() === null) await until(guest, count(0, to));
    };
    await send(0, warm);
    const before = await guest.usage();
    const start = process.hrtime.bigint();
    await send(warm, end);
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    const { cpu, memory } = await guest.usage();
    const accepted = lines.reduce((sum, one) => sum + (one.accepted() ?? 0), 0);
    for (const one of lines) one.close();
    verify(system, nodes.flat(), accepted, await guest.stop());
    const sent = count(warm, end);
    return { rate: sent / seconds, cpu: ((cpu - before.cpu) * 1000) / sent, memory: memory / 2 ** 20 };
  } catch (error) {
    guest.kill();
    throw error;
  }
}

async function until(guest, rows) {
  while ((await guest.rows()) < rows) await new Promise((resolve) => setTimeout(resolve, 1));
}

function verify({ name, folder: kind }, nodes, accepted, digest) {
  if (digest !== digestOf(nodes)) throw new Error(`${name} holds ${digest} instead of ${digestOf(nodes)}`);
  if (kind === 'tinybase') return;
  if (accepted !== nodes.length) throw new Error(`${name} accepted ${accepted} of ${nodes.length}`);
  if (kind !== 'cambium') return;
  const problems = problemsOf(join(folder, 'data', 'cambium.db'), nodes.length + LINES);
  if (problems.length > 0) throw new Error(problems.slice(0, 5).join('; '));
}

const report = new Report('ingest');
try {
  for (const size of SIZES) {
    for (const system of SYSTEMS.filter(({ name }) => ONLY.test(`${name} ${size}`))) {
      const runs = [];
      for (let round = 0; round < ROUNDS; round += 1) runs.push(await run(system, size));
      report.add({
        batch: size,
        system: system.name,
        'nodes/s': figureOf(runs.map(({ rate }) => rate)),
        'CPU µs a node': figureOf(runs.map(({ cpu }) => cpu)),
        'memory MiB': figureOf(runs.map(({ memory }) => memory)),
        'an answer means': system.durability,
        answers: system.answer,
      });
    }
  }
  report.end();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
