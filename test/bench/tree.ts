/**
 * What the nested set costs: the CPU of batches against a blind replay of the very same writes, rows written by single
 * operations, and rows under hammering at one point.
 *
 *   npx tsx --conditions=source test/bench/tree.ts [nodes=100000] [hammer=100000]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, openDatabase } from '@cambium/server/database';
import { checkTree, type NodeBatch } from '@cambium/server/tree';
import type { Database } from 'better-sqlite3';
import { apply, Author, CHANNEL, type Op, rowOf } from './tree/author.ts';
import { compare, type Comparison, type Spread } from './tree/compare.ts';
import { cpu, open, runBatch } from './tree/measure.ts';

const NODES = Number(process.argv[2] ?? 100_000);
const HAMMER = Number(process.argv[3] ?? 100_000);
const COMPARISONS: readonly Comparison[] = [
  { size: 1, batches: 50, rounds: 15 },
  { size: 100, batches: 5, rounds: 15 },
  { size: 1000, batches: 1, rounds: 15 },
  { size: 10_000, batches: 1, rounds: 7 },
];
const author = new Author(7);

function report(name: string, source: string, make: (size: number) => Op[], of: Comparison): void {
  const { batch, rows, ratio, single: singly } = compare(source, make, of);
  const told = ({ median, quartiles }: Spread): string =>
    `${median.toFixed(2)} (${quartiles.map((q) => q.toFixed(2)).join(' … ')})`;
  console.log(
    `${name.padEnd(18)} k=${String(of.size).padEnd(6)} ${batch.toFixed(1).padStart(7)} µs CPU an operation` +
      `  ${rows.toFixed(2)} rows  replay / batch ${told(ratio)}, a statement a row ${told(singly)}`,
  );
}

/** Rows of single operations; `work` returns the nodes whose ancestors' counts may change. */
function single(db: Database, name: string, times: number, work: (batch: NodeBatch) => string[]): void {
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
  console.log(
    `${name.padEnd(30)} ${((ms * 1000) / times).toFixed(0).padStart(5)} µs CPU  ${(rows / times).toFixed(2)} rows;` +
      ` touched ancestors ${(ancestors / times).toFixed(2)}, beyond those at most ${beyond}`,
  );
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
    console.log(
      `${name.padEnd(30)} ${((ms * 1000) / HAMMER).toFixed(0).padStart(5)} µs CPU  ${(rows / HAMMER).toFixed(2)} rows, at most ${most}`,
    );
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
const SEMI_SPACE = '--max-semi-space-size=21';

async function main(folder: string): Promise<void> {
  try {
    const source = join(folder, 'source');
    await plant(source);

    console.log('\nbatches against blind replay of their writes; medians of rounds, in brackets quartiles');
    const workloads = {
      import: (size: number) => author.import(size),
      'prepend to one': (size: number) => author.prepend(size),
      'create scattered': (size: number) => author.createScattered(size),
      'move scattered': (size: number) => author.moveScattered(size),
    };
    for (const [name, make] of Object.entries(workloads)) {
      for (const of of COMPARISONS) report(name, source, make, of);
    }

    const db = open(join(folder, 'single'), source);
    console.log('\nsingle operations, a transaction each');
    singles(db);
    console.log(`\n${HAMMER} inserts at one point, a transaction each`);
    hammer(db);
    const violations = checkTree(db);
    console.log(violations.length === 0 ? '\nevery invariant holds' : violations);
    if (violations.length > 0) process.exitCode = 1;
    db.close();
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
