import { sweepStored, sweepUnfinished, type Sweeping } from './sweep.ts';

/** A sweeper comes by several times in each period that it watches over, but not without end. */
const TIMES = 4;
const OFTEN_MS = 1_000;
const UNFINISHED_MS = 60_000;
const STORED_MS = 3_600_000;

export interface Sweeper {
  /** A whole round, after one that runs. */
  sweep(): Promise<void>;
  /** Ends the timers and waits for a round that runs. */
  stop(): Promise<void>;
}

/** Sweeps at once and then by timer; rounds never overlap. A failed one is logged, and the next does its work. */
export function startSweeper(sweeping: Sweeping): Sweeper {
  const { timers, log, settings } = sweeping.files;
  let last: Promise<void> = Promise.resolve();
  const timersEnds = new Set<() => void>();
  let isStopped = false;

  /** One after the other, whatever became of those before. */
  const inTurn = (round: (of: Sweeping) => Promise<void>): Promise<void> => {
    const mine = last.then(() => round(sweeping));
    last = mine.catch(() => undefined);
    return mine;
  };
  const repeat = async (round: (of: Sweeping) => Promise<void>, ms: number): Promise<void> => {
    await inTurn(round).catch((error: unknown) => log.error({ err: error }, 'sweeping failed'));
    if (isStopped) return;
    const end = timers.after(ms, () => {
      timersEnds.delete(end);
      void repeat(round, ms);
    });
    timersEnds.add(end);
  };
  void repeat(sweepUnfinished, period(settings.uploadExpiry, UNFINISHED_MS));
  void repeat(sweepStored, period(settings.blobGrace, STORED_MS));

  return {
    async sweep() {
      await inTurn(sweepUnfinished);
      await inTurn(sweepStored);
    },
    async stop() {
      isStopped = true;
      for (const end of timersEnds) end();
      await last;
    },
  };
}

function period(seconds: number, most: number): number {
  return Math.min(most, Math.max(OFTEN_MS, (seconds * 1000) / TIMES));
}
