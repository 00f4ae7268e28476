/**
 * The operations of models.ts that TypeORM's trees have, in the same way: each a transaction of its own, WAL NORMAL. They
 * keep no order among siblings, and know neither a copy nor a page with counts. What a move left is held against parents.
 *
 *   node test/bench/peers/run.mjs typeorm [sizes=10000,100000,1000000] [rounds=3] [budget=1500]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { figureOf } from '../report/figure.ts';
import { exponentOf } from '../report/fit.ts';
import { option, Report } from '../report/report.ts';
import { idOf, randomOf } from '../tree/author.ts';
import { courseOf } from './typeorm/course.mjs';
import { KINDS } from './typeorm/kinds.mjs';
import { TypeOrmTree } from './typeorm/tree.mjs';

const SIZES = option('sizes', '10000,100000,1000000').split(',').map(Number);
const ROUNDS = option('rounds', 3);
const BUDGET = option('budget', 1500);

let made = 2 ** 40;

/** Each draws what it is about and returns the call, so that drawing is not timed. */
const OPERATIONS = {
  'insert a leaf anywhere': (tree, one, { topics }) => {
    const [id, parent] = [idOf((made += 1)), one(topics)];
    return () => tree.insert(id, parent);
  },
  'move a leaf anywhere': (tree, one, { leaves, topics }) => {
    const [id, parent] = [one(leaves), one(topics)];
    return () => tree.move(id, parent);
  },
  'move 1,000 nodes anywhere': (tree, one, { sections, groups }) => {
    const id = one(sections);
    const from = tree.parentOf(id);
    const to = one(groups.filter((group) => group !== from));
    return () => tree.move(id, to);
  },
  'read 1,000 nodes in order': (tree, one, { sections }) => {
    const id = one(sections);
    return () => tree.subtree(id);
  },
  'ancestors of a leaf': (tree, one, { leaves }) => {
    const id = one(leaves);
    return () => tree.ancestors(id);
  },
  'count of all':
    (tree, _, { root }) =>
    () =>
      tree.count(root),
};

/** Rounds until each has used its budget, a call at least. The first warms up, unless one call takes ten seconds. */
async function measure(tree, course, operation) {
  const medians = [];
  let [calls, rows] = [0, 0];
  const changes = tree.raw.prepare('SELECT total_changes()').pluck();
  for (let round = 0; round <= ROUNDS; round += 1) {
    const random = randomOf(round + 1);
    const times = [];
    const before = changes.get();
    const end = performance.now() + BUDGET;
    while (times.length < 200 && (times.length === 0 || performance.now() < end)) {
      const call = operation(tree, (ids) => ids[random(ids.length)], course);
      const start = performance.now();
      await call();
      times.push((performance.now() - start) * 1000);
    }
    const slow = times[0] > 10e6;
    if (round === 0 && !slow) continue;
    medians.push(figureOf(times).median);
    calls += times.length;
    rows += changes.get() - before;
    if (slow) break;
  }
  return { µs: figureOf(medians), rows: rows / calls };
}

/** After all of it: a section's nodes by the tree's own columns are those by the parents. */
async function verify(tree, { sections }) {
  tree.raw.exec('CREATE INDEX check_parent ON node(parentId)');
  for (const section of sections.slice(0, 5)) {
    const [seen, right] = [(await tree.subtree(section)).map(({ id }) => id), tree.below(section)];
    if (seen.toSorted().join() !== right.toSorted().join()) {
      throw new Error(`${tree.kind} finds ${seen.length} nodes where there are ${right.length}`);
    }
  }
}

const folder = mkdtempSync(join(tmpdir(), 'cambium-typeorm-'));
const report = new Report('typeorm');
const found = [];
try {
  for (const nodes of SIZES) {
    const course = courseOf(nodes);
    for (const kind of Object.keys(KINDS)) {
      const tree = await TypeOrmTree.plant(kind, join(folder, 'tree.db'), course.nodes);
      for (const [operation, call] of Object.entries(OPERATIONS)) {
        const { µs, rows } = await measure(tree, course, call);
        found.push({ nodes, operation, kind, µs });
        report.add({ nodes, operation, model: `TypeORM ${kind}`, rows, µs });
      }
      await verify(tree, course);
      await tree.close();
      for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `tree.db${end}`), { force: true });
    }
  }
  for (const operation of SIZES.length > 1 ? Object.keys(OPERATIONS) : []) {
    for (const kind of Object.keys(KINDS)) {
      const points = found.filter((one) => one.operation === operation && one.kind === kind);
      const exponent = exponentOf(points.map((one) => ({ x: one.nodes, y: one.µs.median }))).toFixed(2);
      report.add({ operation, model: `TypeORM ${kind}`, 'exponent of time': exponent });
    }
  }
  report.end();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
