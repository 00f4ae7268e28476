import type { Clock } from '../../deps.ts';

export interface Rate {
  /** Requests. */
  most: number;
  /** Milliseconds. */
  within: number;
}

/** Counts requests by key over a sliding span, in memory alone: a restart begins anew. */
export class RateLimit {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #rate: Rate;
  /** When each was taken, oldest first. */
  readonly #taken = new Map<string, number[]>();
  #swept: number;

  constructor(clock: Pick<Clock, 'now'>, rate: Rate) {
    this.#clock = clock;
    this.#rate = rate;
    this.#swept = clock.now();
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#taken.size;
  }

  /** Null: go on. Else how many milliseconds to wait; such a request counts for nothing. */
  take(key: string): number | null {
    const now = this.#clock.now();
    this.#sweep(now);
    const taken = (this.#taken.get(key) ?? []).filter((at) => this.#counts(at, now));
    const oldest = taken[0];
    this.#taken.set(key, taken);
    if (taken.length >= this.#rate.most && oldest !== undefined) return oldest + this.#rate.within - now;
    taken.push(now);
    return null;
  }

  /** What lies ahead was taken before the clock was set back. */
  #counts(at: number, now: number): boolean {
    return at <= now && now - at < this.#rate.within;
  }

  #sweep(now: number): void {
    if (this.#counts(this.#swept, now)) return;
    this.#swept = now;
    for (const [key, taken] of this.#taken) {
      if (!this.#counts(taken.at(-1) ?? now - this.#rate.within, now)) this.#taken.delete(key);
    }
  }
}
