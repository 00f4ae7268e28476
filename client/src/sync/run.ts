import { syncRound } from './round.ts';
import type { Session } from './session.ts';

/**
 * Runs rounds one after the other, never two at once: whoever asks while a run is under way waits for it and then gets
 * one of its own, since theirs may have begun too early to know what is asked for now.
 */
export class Runner {
  readonly #session: Session;
  #last: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Rounds until nothing is pending that could be sent, and nothing new comes. Throws what stopped it. */
  run(): Promise<void> {
    const mine = this.#last.then(() => this.#rounds());
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #rounds(): Promise<void> {
    this.#session.turns.done = 0;
    while (!this.#closed && (await syncRound(this.#session)));
  }

  /** After the round that is under way there is no other. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
  }
}
