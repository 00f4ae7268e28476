import type { Random } from './random.ts';

/** What goes wrong on the way of one request. */
export const NETWORK_FAULTS = [
  /** It never arrives. */
  'request_lost',
  /** It is done, and the sender never hears of it. */
  'answer_lost',
  /** It arrives a second time, later. */
  'request_duplicated',
  /** The sender has given it up when it arrives. */
  'request_delayed',
  /** The answer ends in the middle. */
  'answer_truncated',
  /** 503 of a server that has too much to do, or of a proxy. */
  'unavailable',
  /** 500 or 502, before the request was looked at. */
  'failed',
  /** The token is not taken this once. */
  'token_rejected',
] as const;
export type NetworkFault = (typeof NETWORK_FAULTS)[number];

/** What happens to a commit. */
export const COMMIT_FAULTS = ['killed_before_commit', 'killed_after_commit', 'disk_full'] as const;
export type CommitFault = (typeof COMMIT_FAULTS)[number];

/** What steps do: they are drawn like any other step and counted here when they took effect. */
export const STEP_FAULTS = [
  'server_restarted',
  'client_crashed',
  'client_crashed_at_transaction',
  'tab_frozen',
  'clock_jumped',
  'went_offline',
  'role_changed',
] as const;
export type StepFault = (typeof STEP_FAULTS)[number];

export type Fault = NetworkFault | CommitFault | StepFault;
export type FaultCounts = Record<Fault, number>;

export const ALL_FAULTS: readonly Fault[] = [...NETWORK_FAULTS, ...COMMIT_FAULTS, ...STEP_FAULTS];

/** Percent of requests and commits that a fault befalls, where a run has that fault at all. */
const RATES = [1, 3, 8, 15];

/**
 * Draws faults and counts those that came true. Every run has some kinds and others not: a world in which everything
 * fails all the time never gets far enough to fail in an interesting way.
 */
export class Faults {
  readonly counts = Object.fromEntries(ALL_FAULTS.map((fault) => [fault, 0])) as FaultCounts;
  readonly #rates = new Map<Fault, number>();
  readonly #random: Random;
  #areOn = false;

  constructor(random: Random) {
    this.#random = random;
    for (const fault of [...NETWORK_FAULTS, ...COMMIT_FAULTS]) {
      if (random.chance(45)) this.#rates.set(fault, random.one(RATES));
    }
  }

  begin(): void {
    this.#areOn = true;
  }

  /** From now on nothing goes wrong by itself. */
  end(): void {
    this.#areOn = false;
  }

  network(): NetworkFault | null {
    return this.#draw(NETWORK_FAULTS);
  }

  commit(): CommitFault | null {
    return this.#draw(COMMIT_FAULTS);
  }

  count(fault: Fault): void {
    this.counts[fault] += 1;
  }

  #draw<F extends Fault>(kinds: readonly F[]): F | null {
    if (!this.#areOn) return null;
    const fault = kinds.find((kind) => this.#random.chance(this.#rates.get(kind) ?? 0)) ?? null;
    if (fault !== null) this.count(fault);
    return fault;
  }
}
