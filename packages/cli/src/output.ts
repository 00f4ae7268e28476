import { SingleBar } from 'cli-progress';

/** Where a command speaks: lines for a person, one JSON value for a program, and a bar where a person watches. */
export interface Output {
  readonly json: boolean;
  /** A line for a person; silent with `--json`. */
  line(text: string): void;
  /** The one value of a `--json` run; silent without. */
  value(value: object): void;
  progress(what: string, total: number, unit: string): Progress;
}

export interface Progress {
  add(count: number): void;
  /** The bar goes; the rate per second since it began is returned. */
  stop(): number;
}

export function createOutput(json: boolean): Output {
  return {
    json,
    line: (text) => {
      if (!json) process.stdout.write(`${text}\n`);
    },
    value: (value) => {
      if (json) process.stdout.write(`${JSON.stringify(value)}\n`);
    },
    progress: (what, total, unit) => createProgress(what, total, unit, !json && process.stderr.isTTY),
  };
}

function createProgress(what: string, total: number, unit: string, shown: boolean): Progress {
  const began = performance.now();
  let done = 0;
  const rate = (): number => done / Math.max((performance.now() - began) / 1000, 0.001);
  const bar = shown
    ? new SingleBar({
        format: `${what} {bar} {percentage}% {value}/{total} ${unit} {rate}/s`,
        hideCursor: true,
        stream: process.stderr,
        clearOnComplete: true,
      })
    : undefined;
  bar?.start(total, 0, { rate: 0 });
  return {
    add: (count) => {
      done += count;
      bar?.update(done, { rate: Math.round(rate()) });
    },
    stop: () => {
      bar?.stop();
      return rate();
    },
  };
}
