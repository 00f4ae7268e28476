import type { CambiumClient } from '@cambium/client';
import type { Id } from '@cambium/protocol';
import { connect } from '../connect.ts';
import { Failure } from '../fail.ts';
import type { Progress } from '../output.ts';
import { persist } from '../patience.ts';
import type { ForkedBatch, TraceEvent } from './event.ts';
import type { Translator } from './translate.ts';

/** Clients that stay offline while another one is back; a history that forks wider is not played. */
const MOST_ALIVE = 20;

/**
 * Refusals that a fork brings about by nature: what it worked on is gone, or has moved below it, by the time it
 * returns; and the rest of a rename then goes with the move that was refused.
 */
const EXPECTED = new Set(['not_found', 'cycle', 'dependency_failed', 'group_failed']);

/**
 * Plays batches that were made offline. A client stands at the state its batch forked from, makes its events there,
 * and comes back when it is its batch's turn. A closed client's replica serves the next one: it catches up to the
 * state of that one's fork first, which is what a device that changes hands would do.
 */
export class ForkedPlay {
  readonly #options: { server: string; token: string; channel: Id; translator: Translator; progress: Progress };
  readonly #free: CambiumClient[] = [];
  readonly #waiting = new Map<number, CambiumClient>();
  readonly refusals = new Map<string, number>();

  constructor(options: { server: string; token: string; channel: Id; translator: Translator; progress: Progress }) {
    this.#options = options;
  }

  /** Returns every client that is still open, each brought to the head. */
  async play(batches: ForkedBatch[]): Promise<CambiumClient[]> {
    const forks = new Map<number, number[]>();
    for (const [line, batch] of batches.entries()) {
      // Who forked off the line just before comes and goes in one turn, and need not wait for it.
      if (batch.base < line - 1) forks.set(batch.base, [...(forks.get(batch.base) ?? []), line]);
    }
    const online = await this.#open();
    await this.#fork(forks.get(-1) ?? []);
    for (const [line, batch] of batches.entries()) {
      await this.#return(line, batch);
      if (batch.resolve.length > 0) await this.#settle(online, batch.resolve);
      await this.#fork(forks.get(line) ?? []);
    }
    const all = [online, ...this.#free, ...this.#waiting.values()];
    for (const client of all) await persist(() => client.sync());
    return all;
  }

  async #fork(lines: number[]): Promise<void> {
    for (const line of lines) {
      this.#waiting.set(line, await this.#take());
    }
  }

  /** A client at the present state. The replica that was closed last has the least to catch up with. */
  async #take(): Promise<CambiumClient> {
    const client = this.#free.pop() ?? (await this.#open());
    await persist(() => client.sync());
    return client;
  }

  async #return(line: number, batch: ForkedBatch): Promise<void> {
    const client = this.#waiting.get(line) ?? (await this.#take());
    this.#waiting.delete(line);
    if (this.#waiting.size > MOST_ALIVE)
      throw new Failure(`more than ${MOST_ALIVE} clients would be offline at once, at line ${line + 1}`);
    await this.#make(client, batch.events);
    await persist(() => client.sync());
    await this.#count(client);
    this.#free.push(client);
  }

  async #settle(client: CambiumClient, events: TraceEvent[]): Promise<void> {
    await persist(() => client.sync());
    await this.#make(client, events);
    await persist(() => client.sync());
    await this.#count(client);
  }

  /** Makes the events locally; what this client's own tree cannot do is counted like a refusal of the server. */
  async #make(client: CambiumClient, events: TraceEvent[]): Promise<void> {
    const changes = events.flatMap((event) => this.#options.translator.changes(event));
    const refused = await client.channel(this.#options.channel).write(changes, { lenient: true });
    for (const { errors } of refused) this.#note(errors[0]?.code ?? 'internal_error');
    this.#options.progress.add(events.length);
  }

  async #count(client: CambiumClient): Promise<void> {
    for (const rescue of await client.rescued()) {
      this.#note(rescue.errors[0]?.code ?? 'internal_error');
      await client.discard(rescue.rev);
    }
  }

  #note(code: string): void {
    if (!EXPECTED.has(code))
      throw new Failure(`a change was refused with ${code}, which a fork alone does not explain`);
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }

  async #open(): Promise<CambiumClient> {
    const client = await connect(this.#options.server, this.#options.token);
    await persist(() => client.follow(this.#options.channel));
    return client;
  }
}
