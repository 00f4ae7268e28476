import type { Id } from '@cambium/protocol';
import type { Queue } from '../database/queue.ts';
import { isDenied } from './failure.ts';
import { serverEvents } from './sse.ts';
import type { Transport } from './transport.ts';

/** The server comments every 15 s: a longer silence means that the line is dead, in milliseconds. */
const SILENCE = 45_000;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;

/** All that the user may view: a stream of named channels would not tell of one that is gained. */
const PATH = '/api/sync/events';

export interface EventHandlers {
  /** Something happened in a channel, or to the right to see it. */
  onNews(): void;
  /** The set of the user's channels may be another one. */
  onChannels(): void;
}

/** Listens to the server's events over one stream, and opens it again whenever it ends. */
export class Events {
  readonly #queue: Queue;
  readonly #transport: Transport;
  readonly #handlers: EventHandlers;
  #abort: AbortController | null = null;
  #stopTimer: (() => void) | null = null;
  #pause = FIRST_PAUSE;

  constructor(queue: Queue, transport: Transport, handlers: EventHandlers) {
    this.#queue = queue;
    this.#transport = transport;
    this.#handlers = handlers;
  }

  /** Begins to listen, or begins anew, with another token. */
  start(): void {
    this.stop();
    this.#abort = new AbortController();
    void this.#listen(this.#abort.signal);
  }

  stop(): void {
    this.#abort?.abort();
    this.#abort = null;
    this.#stopTimer?.();
    this.#stopTimer = null;
  }

  async #listen(signal: AbortSignal): Promise<void> {
    try {
      await this.#read(signal);
    } catch (error) {
      // Another token starts it anew. Whatever else it was, the loop meets it too, and says so.
      if (signal.aborted || isDenied(error)) return;
    }
    if (signal.aborted) return;
    this.#stopTimer = this.#queue.deps.timers.after(this.#pause, () => void this.#listen(signal));
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }

  async #read(signal: AbortSignal): Promise<void> {
    const line = new AbortController();
    const hangUp = () => line.abort();
    signal.addEventListener('abort', hangUp, { once: true });
    let stopWatch = this.#queue.deps.timers.after(SILENCE, hangUp);
    try {
      const { body } = await this.#transport.open(PATH, line.signal);
      if (!body) return;
      // What was gained or lost while nobody listened.
      this.#handlers.onChannels();
      const onBytes = () => {
        stopWatch();
        stopWatch = this.#queue.deps.timers.after(SILENCE, hangUp);
      };
      for await (const { event, data } of serverEvents(body, onBytes)) {
        this.#pause = FIRST_PAUSE;
        if (event === 'channel') this.#handlers.onChannels();
        if (event !== 'rev' || (await this.#isNews(data))) this.#handlers.onNews();
      }
    } finally {
      stopWatch();
      signal.removeEventListener('abort', hangUp);
    }
  }

  async #isNews(data: string): Promise<boolean> {
    const { channel_id, server_rev } = JSON.parse(data) as { channel_id: Id; server_rev: number };
    const cursor = await this.#queue.db.cursor.get(channel_id);
    return cursor !== undefined && cursor.rev < server_rev;
  }
}
