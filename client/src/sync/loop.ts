import type { ClientDeps } from '../deps.ts';
import { isDenied } from './failure.ts';
import { type Event, next, type Phase } from './machine.ts';
import type { Runner } from './run.ts';

/** Pauses after failures: from half a second up to a minute, in milliseconds. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 60_000;

export interface LoopState {
  phase: Phase;
  /** What the last run failed with. */
  error: unknown;
}

/** Drives runs by the state machine: starts them, and pauses after failures. */
export class Loop {
  readonly #runner: Runner;
  readonly #deps: Pick<ClientDeps, 'timers' | 'random'>;
  readonly #onChange: (state: LoopState) => void;
  #phase: Phase = 'offline';
  #error: unknown = null;
  #pauses = 0;
  #stopTimer: (() => void) | null = null;
  /** Which run's end is listened to: one that was overtaken by an outage has nothing more to say. */
  #run = 0;

  constructor(runner: Runner, deps: Pick<ClientDeps, 'timers' | 'random'>, onChange: (state: LoopState) => void) {
    this.#runner = runner;
    this.#deps = deps;
    this.#onChange = onChange;
  }

  get phase(): Phase {
    return this.#phase;
  }

  send(event: Event): void {
    const before = this.#phase;
    this.#phase = next(before, event);
    if (event === 'online' || event === 'token' || event === 'done') this.#pauses = 0;
    const starts = this.#phase === 'syncing' && (before !== 'syncing' || event === 'done');
    if (this.#phase !== 'waiting') this.#endPause();
    else if (event === 'failed') this.#pause();
    if (starts) void this.#start();
    if (this.#phase !== before) this.#onChange({ phase: this.#phase, error: this.#error });
  }

  async #start(): Promise<void> {
    this.#run += 1;
    const run = this.#run;
    let event: Event = 'done';
    let failure: unknown = null;
    try {
      await this.#runner.run();
    } catch (error) {
      failure = error;
      event = isDenied(error) ? 'denied' : 'failed';
    }
    if (run !== this.#run) return;
    this.#error = failure;
    this.send(event);
  }

  /** Twice as long after every failure, and never the same for two clients that failed together. */
  #pause(): void {
    this.#endPause();
    const longest = Math.min(FIRST_PAUSE * 2 ** this.#pauses, LONGEST_PAUSE);
    this.#pauses += 1;
    const share = (this.#deps.random(1)[0] as number) / 255;
    this.#stopTimer = this.#deps.timers.after(longest / 2 + (longest / 2) * share, () => this.send('timer'));
  }

  #endPause(): void {
    this.#stopTimer?.();
    this.#stopTimer = null;
  }
}
