import { expect, it } from 'vitest';
import { simulate } from './simulate.ts';
import { shrink } from './shrink.ts';

/** `SEED=n` plays one run again; without it a fixed set of runs is made, other ones with `FIRST=n`. */
const only = process.env['SEED'];
const first = Number(only ?? process.env['FIRST'] ?? 1);
const runs = only === undefined ? Number(process.env['RUNS'] ?? 100) : 1;

it(`holds in ${runs} simulated runs from seed ${first} on`, async () => {
  for (let seed = first; seed < first + runs; seed += 1) {
    const report = await simulate({ seed });
    if (report.violations.length > 0) expect.fail((await shrink({ seed }, report)).text);
  }
}, 600_000);

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
