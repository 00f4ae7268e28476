import { type Id, newId } from '@cambium/protocol';
import { getMeta, setMeta } from '../database/meta.ts';
import type { Queue } from '../database/queue.ts';

/** How often the holder shows that it is awake, and how often others look, in milliseconds. */
const BEAT = 5_000;

/**
 * Looks in a row at one and the same beat after which the holder is taken for frozen: another tab leads within 30 s.
 * Looks are counted, not times compared, since a clock may be put forward or back.
 */
const LOOKS = 4;

/**
 * Sees to it that of all tabs of one database one talks to the server. The lock is the browser's; the heartbeat in the
 * database tells a holder that is frozen, and its lock is stolen then. Should two hold it for a moment, nothing breaks:
 * the server does every change once, and both apply the same answers.
 */
export class Leader {
  readonly #queue: Queue;
  readonly #name: string;
  readonly #id: Id;
  readonly #closed = new AbortController();
  #stopTimer: (() => void) | null = null;
  #isLeader = false;
  /** The last beat of another holder, and how often it was seen. */
  #seen = { at: 0, looks: 0 };
  #retire: (() => void) | null = null;
  readonly #onChange: (isLeader: boolean) => void;

  constructor(queue: Queue, onChange: (isLeader: boolean) => void) {
    this.#queue = queue;
    this.#name = `cambium-sync:${queue.db.name}`;
    this.#id = newId(queue.deps.clock.now(), queue.deps.random);
    this.#onChange = onChange;
  }

  start(): void {
    void this.#stand(false);
    this.#watch();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#stopTimer?.();
    this.#retire?.();
    this.#lead(false);
  }

  /** Waits for the lock, or takes it, and holds it until the end or until it is stolen. */
  async #stand(steal: boolean): Promise<void> {
    const { locks } = this.#queue.deps;
    try {
      const how = steal ? { steal } : { signal: this.#closed.signal };
      await locks.hold(this.#name, how, () => this.#hold());
    } catch (error) {
      // The lock was stolen from a holder that slept, or the wait was ended by `close`.
      if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
    }
    this.#lead(false);
    if (!this.#closed.signal.aborted) void this.#stand(false);
  }

  async #hold(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    await this.#beat();
    this.#lead(true);
    await new Promise<void>((resolve) => {
      this.#retire = resolve;
    });
  }

  #lead(isLeader: boolean): void {
    if (isLeader === this.#isLeader) return;
    this.#isLeader = isLeader;
    this.#onChange(isLeader);
  }

  #watch(): void {
    this.#stopTimer = this.#queue.deps.timers.after(BEAT, () => void this.#look());
  }

  async #look(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    if (this.#isLeader) await this.#beat();
    else if (await this.#isSilent()) {
      this.#seen.looks = 0;
      void this.#stand(true);
    }
    if (!this.#closed.signal.aborted) this.#watch();
  }

  async #beat(): Promise<void> {
    await setMeta(this.#queue.db, 'heartbeat', { holder: this.#id, at: this.#queue.deps.clock.now() });
  }

  async #isSilent(): Promise<boolean> {
    const at = (await getMeta(this.#queue.db, 'heartbeat'))?.at ?? 0;
    this.#seen = { at, looks: at === this.#seen.at ? this.#seen.looks + 1 : 0 };
    return this.#seen.looks >= LOOKS;
  }
}
