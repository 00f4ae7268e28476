import type { Database } from 'better-sqlite3';
import type { Log, Timers } from '../deps.ts';
import { channelsBehind } from '../sync/searchIndex.ts';
import type { Writer } from '../writer/writer.ts';
// Declares the commands that a writer takes.
import '../writer/commands.ts';

/** Nodes that are taken into the index in one go: the writer's other jobs wait no longer than that takes, some 10 ms. */
const STEP = 500;

/** Milliseconds without a commit after which the index is brought up to date unasked. */
const QUIET = 2_000;

interface Parts {
  raw: Database;
  writer: Writer;
  timers: Timers;
  log: Log;
}

/** Keeps the search index behind the log: at once for a search, else when nobody writes. */
export class SearchIndex {
  readonly #parts: Parts;
  /** Channels (pk) that are being brought up to date. */
  readonly #running = new Map<number, Promise<void>>();
  #endQuiet: () => void = () => undefined;
  #endListening: () => void = () => undefined;
  /** Counts commits: one that comes while the index is brought up to date unasked goes first. */
  #commits = 0;
  #isClosed = false;
  #quiet: Promise<void> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Resolves when everything committed until now is in the index: of all channels, or of one (pk). */
  async fresh(channel: number | null = null): Promise<void> {
    for (const { pk, head } of channelsBehind(this.#parts.raw, channel)) {
      while (channelsBehind(this.#parts.raw, pk).some((now) => now.head >= head)) await this.#follow(pk);
    }
  }

  /** Follows the log unasked whenever it has been quiet for a while, so that a search finds little to do. */
  start(): void {
    this.#endListening = this.#parts.writer.onCommitted(({ heads }) => {
      if (heads.length === 0) return;
      this.#commits += 1;
      this.#wait();
    });
    this.#wait();
  }

  /** Ends what runs unasked, and waits for it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#endListening();
    this.#endQuiet();
    await Promise.allSettled([this.#quiet, ...this.#running.values()]);
  }

  #wait(): void {
    this.#endQuiet();
    if (this.#isClosed) return;
    this.#endQuiet = this.#parts.timers.after(QUIET, () => {
      this.#quiet = this.#quiet.then(() => this.#followQuietly());
    });
  }

  async #followQuietly(): Promise<void> {
    const { raw, writer, log } = this.#parts;
    const commits = this.#commits;
    try {
      for (const { pk } of channelsBehind(raw)) {
        while (!this.#isClosed && commits === this.#commits) {
          if (!(await writer.command('search.follow', { channel: pk, most: STEP }))) break;
        }
      }
    } catch (error) {
      log.warn({ err: error }, 'the search index was not brought up to date');
    }
  }

  /** One at a time for each channel; who comes meanwhile waits for the same. */
  #follow(channel: number): Promise<void> {
    const running = this.#running.get(channel);
    if (running) return running;
    const follow = async () => {
      while (await this.#parts.writer.command('search.follow', { channel, most: STEP }));
    };
    const mine = follow().finally(() => this.#running.delete(channel));
    this.#running.set(channel, mine);
    return mine;
  }
}
