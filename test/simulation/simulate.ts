import { Fates } from './fates.ts';
import { populate } from './populate.ts';
import { becomeQuiet } from './quiet.ts';
import { Run } from './run.ts';
import { drawStep, STEPS } from './steps/steps.ts';
import { verify } from './verify/verify.ts';
import { warmUp } from './warm-up.ts';
import type { FaultCounts } from './world/faults.ts';
import type { Bug } from './world/server.ts';
import { settle } from './world/settle.ts';
import { World } from './world/world.ts';

export interface RunOptions {
  seed: number;
  /** Steps to make; by default the seed says. */
  steps?: number;
  /** Steps that are left out, by their number: what shrinking tries. */
  without?: ReadonlySet<number>;
  bug?: Bug;
}

export interface Report {
  seed: number;
  steps: number;
  /** What is wrong, one line each; empty when everything holds. */
  violations: string[];
  faults: FaultCounts;
  /** Entries of all logs, refusals, folded changes. */
  applied: number;
  refused: number;
  squashed: number;
  trace: readonly string[];
  digest: string;
}

export async function simulate(options: RunOptions): Promise<Report> {
  await warmUp();
  const { seed } = options;
  const fates = new Fates();
  const world = await World.create(seed, fates, options.bug);
  const run = new Run(world, fates);
  const steps = options.steps ?? world.fork('length').between(60, 160);
  try {
    await populate(run);
    world.faults.begin();
    for (let i = 0; i < steps; i += 1) {
      if (options.without?.has(i)) continue;
      // A random of its own for each step: leaving one out does not change what the others draw.
      const random = world.fork(`step ${i}`);
      const name = drawStep(random);
      world.trace.add(`step ${i} ${name}`);
      await STEPS[name].step(run, random);
      if (fates.violations.length + run.violations.length > 0) break;
      if (random.chance(60)) await world.time.pass(random.one([1, 20, 100, 500, 3_000, 30_000]));
    }
    await becomeQuiet(run);
    await verify(run);
  } catch (error) {
    run.violations.push(`the run broke off: ${(error as Error).stack}`);
  } finally {
    await settle();
    for (const device of run.devices) device.dispose();
    await settle();
    world.close();
  }
  const all = [...fates.all()];
  return {
    seed,
    steps,
    violations: [...run.violations, ...fates.violations, ...world.server.faultsOfItsOwn, ...world.rejections],
    faults: world.faults.counts,
    applied: all.filter(({ verdict }) => verdict?.status === 'applied').length,
    refused: all.filter(({ verdict }) => verdict !== null && verdict.status !== 'applied').length,
    squashed: all.filter(({ squashed }) => squashed !== 'no').length,
    trace: world.trace.lines,
    digest: world.trace.digest(),
  };
}
