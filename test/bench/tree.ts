/**
 * What the nested set costs: the CPU of batches against a blind replay of the very same writes, rows written by single
 * operations, and rows under hammering at one point.
 *
 *   npx tsx --conditions=source test/bench/tree.ts [nodes=100000] [hammer=20000]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, openDatabase } from '@cambium/server/database';
import { checkTree, type NodeBatch } from '@cambium/server/tree';
import type { Database } from 'better-sqlite3';
import { apply, Author, CHANNEL, type Op, rowOf } from './tree/author.ts';
import { option, Report } from './report/report.ts';
import { compare, type Comparison } from './tree/compare.ts';
import { cpu, open, runBatch } from './tree/measure.ts';

const NODES = option('nodes', 100_000);
const HAMMER = option('hammer', 20_000);
const COMPARISONS: readonly Comparison[] = [
  { size: 1, batches: 50, rounds: 15 },
  { size: 100, batches: 5, rounds: 15 },
  { size: 1000, batches: 1, rounds: 15 },
  { size: 10_000, batches: 1, rounds: 7 },
];
const author = new Author(7);
const report = new Report('batches');

function batches(workload: string, source: string, make: (size: number) => Op[], of: Comparison): void {
  const { batch, rows, ratio, single: singly } = compare(source, make, of);
  report.add({
    workload,
    operations: of.size,
    'CPU µs of each': batch,
    'rows of each': rows,
    'replay ÷ batch': ratio,
    'replay, a statement a row ÷ batch': singly,
  });
}

/** Rows of single operations; `work` returns the nodes whose ancestors' counts may change. */
function single(db: Database, operation: string, times: number, work: (batch: NodeBatch) => string[]): void {
  let [rows, ancestors, beyond] = [0, 0, 0];
  const ms = cpu(() => {
    for (let i = 0; i < times; i += 1) {
      let touched = new Set<string>();
      const written = runBatch(db, (batch) => (touched = new Set(work(batch).flatMap((id) => batch.path(id)))));
      rows += written;
      ancestors += touched.size;
      beyond = Math.max(beyond, written - touched.size);
    }
  });
  const [all, above] = [rows / times, ancestors / times];
  report.add({
    operation,
    'CPU µs': (ms * 1000) / times,
    rows: all,
    'of them ancestors': above,
    'others at most': beyond,
  });
}

function singles(db: Database): void {
  single(db, 'insert a leaf anywhere', 5000, (batch) => {
    const op = author.insert(author.pick(author.topics), undefined);
    apply(batch, [op]);
    return [op.parent];
  });
  single(db, 'move a leaf anywhere', 5000, (batch) => {
    const [id, parent] = [author.pick(author.leaves), author.pick(author.topics)];
    const from = batch.path(id)[1] as string;
    apply(batch, [{ op: 'move', id, parent }]);
    return [from, parent];
  });
  const section = (batch: NodeBatch): string => batch.path(author.pick(author.topics)).at(-2) as string;
  single(db, 'a section of 990 nodes goes last', 20, (batch) => {
    const last = batch.lastChild(CHANNEL) as string;
    const id = section(batch);
    if (id !== last) batch.move(id, CHANNEL, last);
    return [];
  });
  single(db, 'a section passes a single leaf', 100, (batch) => {
    const id = section(batch);
    const next = batch.nextSibling(id);
    if (next && batch.firstChild(next) === null) batch.move(id, CHANNEL, next);
    else apply(batch, [author.insert(CHANNEL, id)]);
    return [CHANNEL];
  });
}

function hammer(db: Database): void {
  const topic = author.topics[3] as string;
  const first = author.insert(topic, null);
  runBatch(db, (batch) => apply(batch, [first]));
  let newest = first.row.id;
  const patterns: Record<string, () => Op & { op: 'insert' }> = {
    'right of one sibling': () => author.insert(topic, first.row.id),
    'first of one topic': () => author.insert(topic, null),
    'last of one topic': () => author.insert(topic, undefined),
    'left and right of the newest': () => author.insert(topic, author.random(2) ? newest : first.row.id),
  };
  for (const [name, make] of Object.entries(patterns)) {
    let [rows, most] = [0, 0];
    const ms = cpu(() => {
      for (let i = 0; i < HAMMER; i += 1) {
        const op = make();
        const written = runBatch(db, (batch) => apply(batch, [op]));
        newest = op.row.id;
        rows += written;
        most = Math.max(most, written);
      }
    });
    report.add({ 'at one point': name, 'CPU µs': (ms * 1000) / HAMMER, rows: rows / HAMMER, 'at most': most });
  }
}

async function plant(path: string): Promise<void> {
  const connection = openDatabase(path, { synchronous: 'NORMAL' });
  const { raw } = connection;
  await migrate(connection.db);
  raw.prepare(`INSERT INTO channel(pk, id, name, fields) VALUES (1, ?, 'bench', '{}')`).run(CHANNEL);
  const ops = author.course(NODES);
  const ms = cpu(() =>
    runBatch(raw, (batch) => {
      batch.insert(rowOf(CHANNEL, null, 'topic'), null, 1);
      apply(batch, ops);
    }),
  );
  console.log(`${NODES} nodes planted as one batch: ${((ms * 1000) / NODES).toFixed(1)} µs CPU each`);
  raw.pragma('wal_checkpoint(TRUNCATE)');
  connection.close();
}

/** A third of the room for young objects that the writer's thread has (`YOUNG` in writer/handle.ts), MiB. */
const SEMI_SPACE = '--max-semi-space-size=16';

async function main(folder: string): Promise<void> {
  try {
    const source = join(folder, 'source');
    await plant(source);

    const workloads = {
      import: (size: number) => author.import(size),
      'prepend to one': (size: number) => author.prepend(size),
      'create scattered': (size: number) => author.createScattered(size),
      'move scattered': (size: number) => author.moveScattered(size),
    };
    for (const [name, make] of Object.entries(workloads)) {
      for (const of of COMPARISONS) batches(name, source, make, of);
    }

    const db = open(join(folder, 'single'), source);
    singles(db);
    hammer(db);
    const violations = checkTree(db);
    db.close();
    if (violations.length > 0) throw new Error(`the tree is broken: ${JSON.stringify(violations.slice(0, 5))}`);
    report.end();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.execArgv.includes(SEMI_SPACE)) {
  await main(mkdtempSync(join(tmpdir(), 'cambium-tree-')));
} else {
  const { status } = spawnSync(process.execPath, [SEMI_SPACE, ...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}
