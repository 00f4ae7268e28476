import type { ChangeResult, Id, JsonObject, LogEntry, SyncResponse } from '@cambium/protocol';
import { Random } from '../simulation/world/random.ts';
import { TOKEN } from './process.ts';

/** Changes of one request. */
const BATCH = 40;

/** Milliseconds until a request that failed is sent again. */
const PAUSE = 100;

/** A client that sends one batch after the other, each until it is answered, and remembers every answer. */
export class Pusher {
  readonly clientId: Id;
  readonly channel: Id;
  /** The answer of each rev that got one. */
  readonly answers = new Map<number, ChangeResult>();
  readonly problems: string[] = [];
  /** Requests that broke off and were sent again. */
  repeated = 0;
  readonly #random: Random;
  readonly #url: () => string;
  readonly #nodes: Id[];
  #rev = 0;

  constructor(url: () => string, channel: Id, random: Random) {
    this.#url = url;
    this.channel = channel;
    this.#random = random;
    this.clientId = idOf(random);
    this.#nodes = [channel];
  }

  /** Makes the channel; the others may edit it then. */
  async createChannel(): Promise<void> {
    await this.#deliver([
      this.#change({ type: 'CREATED', table: 'channel', key: this.channel, obj: { name: 'Under fire' } }),
    ]);
  }

  async push(): Promise<void> {
    await this.#deliver(Array.from({ length: BATCH }, () => this.#draw()));
  }

  #draw(): JsonObject {
    const key = this.#random.one(this.#nodes);
    const roll = this.#random.below(10);
    if (roll < 5 || key === this.channel) {
      const made = idOf(this.#random);
      const change = { type: 'CREATED', key: made, obj: { parent: key, kind: 'topic', title: `${this.#rev}` } };
      this.#nodes.push(made);
      return this.#change(change);
    }
    if (roll < 7) return this.#change({ type: 'UPDATED', key, mods: { title: `again ${this.#rev}` } });
    if (roll < 9)
      return this.#change({ type: 'MOVED', key, target: this.#random.one(this.#nodes), position: 'last-child' });
    return this.#change({ type: 'COPIED', key: idOf(this.#random), from_key: key, target: this.channel });
  }

  #change(change: JsonObject): JsonObject {
    this.#rev += 1;
    return { rev: this.#rev, table: 'contentnode', channel_id: this.channel, ...change };
  }

  /** Sends until an answer comes. It may come from the first try or a later one: it has to be the same. */
  async #deliver(changes: JsonObject[]): Promise<void> {
    const first = changes[0]?.['rev'] as number;
    const body = JSON.stringify({ client_id: this.clientId, protocol: 1, changes, after_rev: first - 1 });
    for (;;) {
      const answer = await this.#post(body);
      if (answer) {
        for (const result of answer.results) this.answers.set(result.rev, result);
        if (answer.results.length !== changes.length) this.problems.push(`batch ${first} was answered in part`);
        return;
      }
      this.repeated += 1;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  /** Null when the request broke off, wherever. */
  async #post(body: string): Promise<SyncResponse | null> {
    try {
      const headers = { authorization: `Token ${TOKEN}`, 'content-type': 'application/json' };
      const response = await fetch(`${this.#url()}/api/sync`, { method: 'POST', headers, body });
      if (response.status === 200) return (await response.json()) as SyncResponse;
      if (response.status < 500) this.problems.push(`${response.status} ${await response.text()}`);
      return null;
    } catch (error) {
      if (error instanceof TypeError || error instanceof SyntaxError) return null;
      throw error;
    }
  }

  /** What the log says against the answers: everything acknowledged is there, once, where it was said to be. */
  compare(log: readonly LogEntry[]): string[] {
    const wrong = [...this.problems];
    const own = log.filter(({ client_id }) => client_id === this.clientId);
    const logged = new Map(own.map((entry) => [entry.rev as number, entry.server_rev]));
    if (logged.size !== own.length) wrong.push(`${own.length - logged.size} changes are in the log twice`);
    for (let rev = 1; rev <= this.#rev; rev += 1) {
      const answer = this.answers.get(rev);
      const said = answer?.status === 'applied' ? answer.server_rev : undefined;
      if (said !== logged.get(rev))
        wrong.push(`change ${rev} was answered ${JSON.stringify(answer)} and is at ${logged.get(rev)}`);
    }
    return wrong;
  }
}

export function idOf(random: Random): Id {
  return Buffer.from(random.bytes(16)).toString('hex');
}
