import { type Figure, figureOf } from '../report/figure.ts';
import { randomOf } from '../tree/author.ts';
import type { TreeModel } from './model.ts';
import type { Operation } from './operations.ts';
import type { Planted } from './plant.ts';

export interface Measured {
  nodes: number;
  operation: string;
  model: string;
  /** Rows written by one operation, in the mean; all tables of the tree counted. */
  rows: number;
  /** Microseconds of one operation: the median of each round. */
  time: Figure;
}

/**
 * The models take turns round by round, so that what else the machine does falls upon all of them. A round ends after
 * `budget` milliseconds of a model, and after three calls at the earliest.
 */
export function measure(
  operation: Operation,
  models: readonly TreeModel[],
  planted: Planted,
  rounds: number,
  budget: number,
): Omit<Measured, 'nodes'>[] {
  const all = models.map((model) => ({ model, medians: [] as number[], rows: 0, calls: 0 }));
  // The first round is not counted: it finds out which pages are needed.
  for (let round = 0; round <= rounds; round += 1) {
    for (const one of all) {
      const { times, rows } = roundOf(operation, one.model, planted, round, budget);
      if (round === 0) continue;
      one.medians.push(figureOf(times).median);
      one.rows += rows;
      one.calls += times.length;
    }
  }
  return all.map(({ model, medians, rows, calls }) => ({
    operation: operation.name,
    model: model.name,
    rows: rows / calls,
    time: figureOf(medians),
  }));
}

function roundOf(operation: Operation, model: TreeModel, planted: Planted, round: number, budget: number) {
  const random = randomOf(round + 1);
  const changes = model.db.prepare<[], number>('SELECT total_changes()').pluck();
  const before = changes.get() as number;
  const times: number[] = [];
  const end = performance.now() + budget;
  while (times.length < operation.times && (times.length < 3 || performance.now() < end)) {
    const call = operation.draw(planted, (ids) => ids[random(ids.length)] as (typeof ids)[number], model);
    const start = process.hrtime.bigint();
    call();
    times.push(Number(process.hrtime.bigint() - start) / 1000);
  }
  return { times, rows: (changes.get() as number) - before };
}
