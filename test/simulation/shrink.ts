import { simulate, type Report, type RunOptions } from './simulate.ts';

/** Runs that looking for a shorter way to the same failure may cost. */
const TRIES = 60;

export interface Shrunk {
  report: Report;
  options: RunOptions;
  text: string;
}

/** Looks for fewer steps of the same seed that fail, too: first a shorter beginning, then without the ones in between. */
export async function shrink(options: RunOptions, failed: Report, tries = TRIES): Promise<Shrunk> {
  let best = { options: { ...options, steps: failed.steps }, report: failed };
  let left = tries;
  const attempt = async (next: RunOptions & { steps: number }): Promise<boolean> => {
    left -= 1;
    const report = await simulate(next);
    if (report.violations.length === 0) return false;
    best = { options: next, report };
    return true;
  };
  for (let low = 0; low < best.options.steps && left > 0;) {
    const steps = Math.floor((low + best.options.steps) / 2);
    if (!(await attempt({ ...best.options, steps }))) low = steps + 1;
  }
  for (let size = Math.ceil(best.options.steps / 2); size >= 1 && left > 0; size = Math.floor(size / 2)) {
    for (let from = 0; from < best.options.steps && left > 0; from += size) {
      const chunk = Array.from({ length: size }, (_, index) => from + index);
      await attempt({ ...best.options, without: new Set([...(best.options.without ?? []), ...chunk]) });
    }
  }
  return { ...best, text: describe(best.options, best.report, failed) };
}

function describe({ seed, steps = 0, without = new Set() }: RunOptions, report: Report, failed: Report): string {
  const kept = Array.from({ length: steps }, (_, index) => index).filter((index) => !without.has(index));
  return [
    `seed ${seed} fails; again: SEED=${seed} npx vitest run --project node test/simulation`,
    ...failed.violations.slice(0, 10).map((line) => `  ${line}`),
    `shrunk from ${failed.steps} steps to ${kept.length}: ${kept.join(' ')}`,
    ...report.violations.slice(0, 10).map((line) => `  ${line}`),
    ...report.trace.slice(-80),
  ].join('\n');
}
