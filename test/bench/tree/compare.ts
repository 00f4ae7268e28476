import { isDeepStrictEqual } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Database } from 'better-sqlite3';
import { figureOf, type Figure } from '../report/figure.ts';
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
  /** Microseconds of CPU an operation, by the rounds. */
  batch: Figure;
  /** Of the rounds' replay / batch. */
  ratio: Figure;
  /** The same of a replay with a statement for each row. */
  single: Figure;
  /** Rows written by an operation. */
  rows: number;
}

const WARM_UP = 2;

/**
 * Batches on one copy of a database, the very statements that they ran on another one, the same rows by a statement each
 * on a third. Each round notes on a fourth copy what the batches write, without a clock; then all sides run, another one
 * first in each round. Before each the
 * log of writes is emptied and young garbage collected; a full collection would also take away what a busy process has:
 * with one, batches were seen to run at half their speed. Pages are read from equally warm caches.
 */
export function compare(source: string, make: (size: number) => Op[], of: Comparison): Compared {
  const copy = (name: string): Database => open(`${source}-${name}`, source);
  const [timed, noted, blind, singly] = [copy('timed'), copy('noted'), copy('blind'), copy('singly')];
  const recording = new Recording(noted);
  const rounds: Record<Side, number>[] = [];
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
    const sides: Record<Side, () => number> = {
      batch: () =>
        clock(timed, () => {
          for (const ops of batches) runBatch(timed, (batch) => apply(batch, ops));
        }),
      replay: () => clock(blind, recording.replay(blind, recordings)),
      single: () => clock(singly, recording.replay(singly, recordings, true)),
    };
    const times: Record<Side, number> = { batch: 0, replay: 0, single: 0 };
    for (let i = 0; i < SIDES.length; i += 1) {
      const side = SIDES[(i + round + WARM_UP) % SIDES.length] as Side;
      times[side] = sides[side]();
    }
    rounds.push(times);
  }
  rounds.splice(0, WARM_UP);
  for (const db of [blind, singly]) {
    if (!isDeepStrictEqual(digest(timed), digest(db))) throw new Error('a replay left other rows than the batches');
  }
  for (const db of [timed, noted, blind, singly]) db.close();
  return {
    batch: figureOf(rounds.map(({ batch }) => batch)),
    ratio: figureOf(rounds.map(({ batch, replay }) => replay / batch)),
    single: figureOf(rounds.map(({ batch, single }) => single / batch)),
    rows: rows / (of.size * of.batches * of.rounds),
  };
}

const SIDES = ['batch', 'replay', 'single'] as const;
type Side = (typeof SIDES)[number];

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
