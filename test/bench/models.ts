/**
 * What an operation on a tree costs: ours, the textbook's dense nested set and an adjacency list, with the same table in
 * SQLite, by the size of the tree. Each write is a transaction of its own, WAL NORMAL. The trees are checked at the end.
 *
 *   npx tsx --conditions=source test/bench/models.ts [sizes=10000,100000,1000000] [rounds=5] [budget=1500]
 *
 * `budget`: milliseconds after which a round of one operation ends, in one model; so the slow do fewer.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adjacency } from './models/adjacency.ts';
import { dense } from './models/dense.ts';
import { goalsOf } from './models/goals.ts';
import { measure, type Measured } from './models/measure.ts';
import type { TreeModel } from './models/model.ts';
import { OPERATIONS } from './models/operations.ts';
import { ours } from './models/ours.ts';
import { plant } from './models/plant.ts';
import { exponentOf } from './report/fit.ts';
import { option, Report } from './report/report.ts';

const SIZES = option('sizes', '10000,100000,1000000').split(',').map(Number);
const ROUNDS = option('rounds', 5);
const BUDGET = option('budget', 1500);
const MODELS = [ours, dense, adjacency];

const folder = mkdtempSync(join(tmpdir(), 'cambium-models-'));
const report = new Report('models');
const found: Measured[] = [];

function exponents(): void {
  for (const { name } of OPERATIONS) {
    for (const model of new Set(found.map((one) => one.model))) {
      const points = found.filter((one) => one.operation === name && one.model === model);
      const time = exponentOf(points.map(({ nodes, time: { median } }) => ({ x: nodes, y: median })));
      const wrote = points.every(({ rows }) => rows > 0);
      const rows = wrote ? exponentOf(points.map(({ nodes, rows: y }) => ({ x: nodes, y }))).toFixed(2) : '';
      report.add({ operation: name, model, 'exponent of time': time.toFixed(2), 'exponent of rows': rows });
    }
  }
}

try {
  for (const nodes of SIZES) {
    const source = join(folder, 'source');
    const planted = await plant(source, nodes);
    const models: TreeModel[] = MODELS.map((model, i) => model(join(folder, String(i)), source));
    for (const operation of OPERATIONS) {
      for (const one of measure(operation, models, planted, ROUNDS, BUDGET)) {
        found.push({ ...one, nodes });
        report.add({ nodes, operation: one.operation, model: one.model, rows: one.rows, µs: one.time });
      }
    }
    for (const { name, db, problems } of models) {
      const wrong = problems();
      if (wrong.length > 0) throw new Error(`${name} left behind: ${wrong.slice(0, 5).join('; ')}`);
      db.close();
    }
    for (const file of ['source', ...MODELS.keys()]) rmSync(join(folder, String(file)));
  }
  if (SIZES.length > 1) exponents();
  for (const goal of goalsOf(found)) report.add(goal);
  report.end();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
