import { isDeepStrictEqual } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Database } from 'better-sqlite3';
import { apply, type Op } from './author.ts';
import { cpu, open, runBatch } from './measure.ts';
import { Recording } from './recording.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options: { type: 'minor' }) => void;

/** What is compared: `batches` of `size` operations, a transaction each, under one reading of the clock. */
export interface Comparison {
  size: number;
  batches: number;
  rounds: number;
}

export interface Compared {
  /** Medians of the rounds; microseconds of CPU an operation. */
  batch: number;
  replay: number;
  /** Median of the rounds' replay / batch, and its quartiles. */
  ratio: number;
  quartiles: [low: number, high: number];
  /** Rows written by an operation. */
  rows: number;
}

const WARM_UP = 2;

/**
 * Batches on one copy of a database, the very statements that they ran on another one. Each round notes on a third copy
 * what the batches write, without a clock; then both sides run, now the one first and now the other. Before each the
 * log of writes is emptied and young garbage collected; a full collection would also take away what a busy process has:
 * with one, batches were seen to run at half their speed. Pages are read from equally warm caches.
 */
export function compare(source: string, make: (size: number) => Op[], of: Comparison): Compared {
  const [timed, noted, blind] = ['timed', 'noted', 'blind'].map((name) => open(`${source}-${name}`, source)) as [
    Database,
    Database,
    Database,
  ];
  const recording = new Recording(noted);
  const rounds: { batch: number; replay: number }[] = [];
  const perOperation = 1000 / (of.size * of.batches);
  let rows = 0;
  for (let round = -WARM_UP; round < of.rounds; round += 1) {
    const batches = Array.from({ length: of.batches }, () => make(of.size));
    const recordings = batches.map((ops) => {
      const written = runBatch(recording.db, (batch) => apply(batch, ops));
      if (round >= 0) rows += written;
      return recording.take();
    });
    const clock = (db: Database, work: () => void): number => {
      db.pragma('wal_checkpoint(TRUNCATE)');
      collect({ type: 'minor' });
      return cpu(work) * perOperation;
    };
    const runBatches = (): number =>
      clock(timed, () => {
        for (const ops of batches) runBatch(timed, (batch) => apply(batch, ops));
      });
    const runReplay = (): number => clock(blind, recording.replay(blind, recordings));
    if (round % 2 === 0) {
      const batch = runBatches();
      rounds.push({ batch, replay: runReplay() });
    } else {
      const replay = runReplay();
      rounds.push({ batch: runBatches(), replay });
    }
  }
  rounds.splice(0, WARM_UP);
  if (!isDeepStrictEqual(digest(timed), digest(blind))) throw new Error('the replay left other rows than the batches');
  for (const db of [timed, noted, blind]) db.close();
  const ratios = rounds.map(({ batch, replay }) => replay / batch);
  return {
    batch: quantile(rounds.map(({ batch }) => batch)),
    replay: quantile(rounds.map(({ replay }) => replay)),
    ratio: quantile(ratios),
    quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    rows: rows / (of.size * of.batches * of.rounds),
  };
}

function quantile(values: readonly number[], part = 0.5): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.round(part * (sorted.length - 1))] as number;
}

/** Sums over every row that differ when a row does, up to chance. */
function digest(db: Database): unknown {
  return db
    .prepare(
      `SELECT count(*), sum(pk * 31 % 1000003 * (lft % 1000003)), sum(pk * 37 % 1000003 * (rgt % 1000003)),
         sum(pk * 41 % 1000003 * parent), sum(pk * depth), sum(pk * rev), sum(pk * (complete + 2 * changed + 4 * published)),
         sum(pk * total_count), sum(pk * (resource_count + 3 * new_count + 7 * updated_count)), sum(length(fields || title))
       FROM node`,
    )
    .get();
}
