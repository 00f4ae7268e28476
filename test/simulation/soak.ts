import { parseArgs } from 'node:util';
import { simulate, type Report } from './simulate.ts';
import { shrink } from './shrink.ts';
import { ALL_FAULTS } from './world/faults.ts';

const HELP = `usage: soak.ts [--runs N] [--seed S] [--trace]
  Simulates N runs (default 200) with the seeds S, S + 1, … (default 1); stops at the first that fails.
  --trace prints everything that happened in the first run.`;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

async function soak(): Promise<number> {
  const first = Number(values.seed);
  const runs = Number(values.runs);
  const began = Date.now();
  const reports: Report[] = [];
  for (let seed = first; seed < first + runs; seed += 1) {
    const report = await simulate({ seed });
    // The traces of thousands of runs would fill the memory.
    reports.push({ ...report, trace: [] });
    if (values.trace && reports.length === 1) console.log(report.trace.join('\n'));
    if (report.violations.length > 0) {
      console.log((await shrink({ seed }, report)).text);
      return 1;
    }
    if (reports.length % 50 === 0) console.log(`${reports.length} runs, ${seconds(began)} s`);
  }
  console.log(summary(reports, seconds(began)));
  return 0;
}

function summary(reports: readonly Report[], time: string): string {
  const sum = (count: (report: Report) => number) => reports.reduce((total, report) => total + count(report), 0);
  const faults = ALL_FAULTS.map((fault) => `${fault} ${sum((report) => report.faults[fault])}`).join(', ');
  const changes = `${sum(({ applied }) => applied)} applied, ${sum(({ refused }) => refused)} refused, ${sum(({ squashed }) => squashed)} folded`;
  return `${reports.length} runs, ${sum(({ steps }) => steps)} steps in ${time} s; changes: ${changes}; faults: ${faults}`;
}

function seconds(began: number): string {
  return ((Date.now() - began) / 1000).toFixed(1);
}

if (values.help) console.log(HELP);
else process.exitCode = await soak();
