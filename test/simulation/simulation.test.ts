import { expect, it } from 'vitest';
import { simulate } from './simulate.ts';
import { shrink } from './shrink.ts';

/** `SEED=n` plays one run again. Otherwise the seeds from 1 on, `FIRST=n` for others: as many as the time allows. */
const only = process.env['SEED'];
const first = Number(only ?? process.env['FIRST'] ?? 1);
const most = only === undefined ? Number(process.env['RUNS'] ?? 150) : 1;

/** Runs that are made on any machine, and milliseconds after which no further one is begun. */
const LEAST = 20;
const BUDGET = 50_000;

it('holds whatever goes wrong', async () => {
  const began = Date.now();
  const isOver = (runs: number) =>
    runs >= most || (runs >= LEAST && Date.now() - began > BUDGET && !process.env['RUNS']);
  for (let runs = 0; !isOver(runs); runs += 1) {
    const seed = first + runs;
    const report = await simulate({ seed });
    if (report.violations.length > 0) expect.fail((await shrink({ seed }, report)).text);
  }
}, 1_200_000);

it('makes the same run of the same seed', async () => {
  const [one, other] = [await simulate({ seed: 7 }), await simulate({ seed: 7 })];
  expect(other.trace).toEqual(one.trace);
  expect(other.digest).toBe(one.digest);
}, 60_000);

it('finds a server that forgets what became of changes', async () => {
  const found: string[] = [];
  for (let seed = 1; seed <= 200 && found.length === 0; seed += 1) {
    found.push(...(await simulate({ seed, bug: 'forgets_outcomes' })).violations);
  }
  expect(found.join('\n')).toMatch(/two verdicts|twice|never stop|no rest/);
}, 600_000);
