import { settle } from './settle.ts';

interface Due {
  at: number;
  order: number;
  callback: () => void;
}

/** Virtual milliseconds after which something that was waited for counts as stuck. */
const PATIENCE = 2 * 60_000;

/** 2026-01-01, so that dates in a failure look like dates. */
const BEGIN = Date.UTC(2026, 0, 1);

/** Virtual time: it stands still while anything runs, and jumps to the next timer when nothing does. */
export class Time {
  #now = BEGIN;
  #order = 0;
  #due: Due[] = [];
  #failure: Error | null = null;

  now = (): number => this.#now;

  after = (ms: number, callback: () => void): (() => void) => {
    const due: Due = { at: this.#now + Math.max(0, Math.ceil(ms)), order: (this.#order += 1), callback };
    const later = this.#due.findIndex(({ at }) => at > due.at);
    if (later < 0) this.#due.push(due);
    else this.#due.splice(later, 0, due);
    return () => {
      this.#due = this.#due.filter((one) => one !== due);
    };
  };

  /** Ends the run: whoever lets time pass from now on gets this error. */
  fail(message: string): void {
    this.#failure ??= new Error(message);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  /** Lets time pass until the promise is settled; throws when it can't be any more. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const mark = () => {
      isSettled = true;
    };
    promise.then(mark, mark);
    const latest = this.#now + PATIENCE;
    await settle();
    while (!isSettled) {
      if (this.#now > latest || !this.#fire(Infinity)) throw new Error('something that was waited for never ended');
      await settle();
    }
    return promise;
  }

  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    while (this.#fire(end)) await settle();
    this.#now = end;
  }

  #fire(end: number): boolean {
    if (this.#failure) throw this.#failure;
    const [next] = this.#due;
    if (!next || next.at > end) return false;
    this.#due.shift();
    this.#now = Math.max(this.#now, next.at);
    next.callback();
    return true;
  }
}
