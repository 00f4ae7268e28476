import { createHash } from 'node:crypto';
import type { Time } from './time.ts';

/** Everything that happened in a run, line by line. Two runs of one seed have the same lines. */
export class Trace {
  readonly lines: string[] = [];
  readonly #time: Time;
  readonly #begin: number;

  constructor(time: Time) {
    this.#time = time;
    this.#begin = time.now();
  }

  add(line: string): void {
    this.lines.push(`${String(this.#time.now() - this.#begin).padStart(9)} ms  ${line}`);
  }

  digest(): string {
    return createHash('sha256').update(this.lines.join('\n')).digest('hex');
  }
}
