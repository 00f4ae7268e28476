import { statement } from '../database/statement.ts';
import type { Log, Timers } from '../deps.ts';
import { compactChannel, type CompactOptions, type CompactWorld } from './channel.ts';
import { sweepSearch } from './sweepSearch.ts';

/** A round of all channels looks at one entry or two of most; it comes by this often. Milliseconds. */
const EVERY = 3_600_000;
/** The first one leaves the start to those who wait for it. */
const FIRST = 60_000;

/** Entries that a checkpoint has to be worth when nobody asked for it. */
const LEAST = 1_000;

const CHANNELS = `SELECT pk FROM channel WHERE head > checkpoint ORDER BY pk`;

/** Deleted channels of which rows are left; nodes are the last. */
const REMAINS = `SELECT pk FROM channel c WHERE deleted = 1 AND EXISTS (SELECT 1 FROM node WHERE channel = c.pk) ORDER BY pk`;

/** Rows taken out of a deleted channel in one transaction: some milliseconds for everybody else. */
const CLEARED = 500;

export interface CompactReport {
  /** Channels whose log was cut. */
  channels: number;
  /** Log entries that went. */
  entries: number;
}

/** Compacts every channel, one after the other. One that fails keeps no other back; the first failure is thrown at the end. */
export async function compactAll(world: CompactWorld, options: CompactOptions): Promise<CompactReport> {
  const report: CompactReport = { channels: 0, entries: 0 };
  const failures: unknown[] = [];
  for (const { pk } of statement<[], { pk: number }>(world.reader.raw, CHANNELS).all()) {
    try {
      const entries = await compactChannel(world, pk, options);
      report.entries += entries;
      if (entries > 0) report.channels += 1;
    } catch (error) {
      world.signal.throwIfAborted();
      failures.push(error);
    }
  }
  await sweepSearch(world);
  if (failures.length > 0) throw failures[0];
  return report;
}

/** Takes out what is left of deleted channels, in small steps. Cut off, it goes on where it was the next time. */
export async function takeRemains({ reader, writer, signal }: CompactWorld): Promise<void> {
  for (const { pk } of statement<[], { pk: number }>(reader.raw, REMAINS).all()) {
    while (await writer.command('channel.clear', { channel: pk, most: CLEARED })) signal.throwIfAborted();
  }
}

export interface Compactor {
  /** Compacts now, whatever little it is worth; after a round that runs. `keep` in seconds, else as set. */
  compact(keep?: number): Promise<CompactReport>;
  /** Ends the timer and, at its next step, a round that runs. */
  stop(): Promise<void>;
}

interface Parts extends Omit<CompactWorld, 'signal'> {
  timers: Timers;
  log: Log;
  /** Seconds; null keeps everything. */
  keep: number | null;
  /** Writes what is known of readers and not written yet. */
  noteReaders(): Promise<void>;
}

/** Compacts by timer, and when it is asked; rounds never overlap. A failed one is logged, and the next does its work. */
export function startCompactor({ timers, log, keep, noteReaders, ...parts }: Parts): Compactor {
  const stopping = new AbortController();
  const world: CompactWorld = { ...parts, signal: stopping.signal };
  let last: Promise<unknown> = Promise.resolve();
  let endTimer: () => void = () => undefined;

  const inTurn = (options: CompactOptions | null): Promise<CompactReport> => {
    const mine = last.then(async () => {
      stopping.signal.throwIfAborted();
      await takeRemains(world);
      if (options === null) return { channels: 0, entries: 0 };
      await noteReaders();
      return compactAll(world, options);
    });
    last = mine.catch(() => undefined);
    return mine;
  };
  const wait = (ms: number): void => {
    endTimer = timers.after(ms, () => void round());
  };
  const round = async (): Promise<void> => {
    try {
      const report = await inTurn(keep === null ? null : { keep, least: LEAST });
      if (report.entries > 0) log.info(report, 'compacted');
    } catch (error) {
      if (!stopping.signal.aborted) log.error({ err: error }, 'compaction failed');
    }
    if (!stopping.signal.aborted) wait(EVERY);
  };
  wait(FIRST);

  return {
    compact: (given) => {
      const seconds = given ?? keep;
      return inTurn(seconds === null ? null : { keep: seconds, least: 1 });
    },
    async stop() {
      stopping.abort();
      endTimer();
      await last;
    },
  };
}
