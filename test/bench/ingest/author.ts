import type { Id } from '@cambium/protocol';
import { idOf, randomOf } from '../tree/author.ts';

type Sent = Record<string, unknown> & { rev: number };

/** One client that writes into one channel: its changes are made, and turned into bytes, before the clock runs. */
export class Client {
  readonly clientId: Id;
  readonly channel: Id;
  readonly topics: Id[] = [];
  readonly leaves: Id[] = [];
  readonly #random: (limit: number) => number;
  readonly #ids: number;
  #made = 0;
  #rev = 0;

  /** `number`: from 1 to 1,000; seeds everything that it does. */
  constructor(number: number) {
    this.#random = randomOf(number);
    this.#ids = number * 1e10;
    this.clientId = idOf(this.#ids);
    this.channel = idOf(this.#ids + 1);
  }

  /** Another client in the same channel, who knows all that this one has made there until now. */
  companion(number: number): Client {
    const other = new Client(number);
    return Object.assign(other, { channel: this.channel, topics: [...this.topics], leaves: [...this.leaves] });
  }

  makeChannel(): Sent {
    this.topics.push(this.channel);
    return this.#change('CREATED', this.channel, { table: 'channel', obj: { name: 'A channel of the benchmark' } });
  }

  /** A topic after every 32 resources, under any of the last topics, so that the tree is as deep as courses are. */
  create(): Sent {
    const id = idOf(this.#ids + 2 + (this.#made += 1));
    const kind = this.#made % 33 === 1 ? 'topic' : 'video';
    const parent = kind === 'topic' ? this.#pick(this.topics.slice(0, 40)) : (this.topics.at(-1) as Id);
    (kind === 'topic' ? this.topics : this.leaves).push(id);
    const obj = { parent, kind, title: `Title number ${this.#made} of usual length`, license: 1 };
    return this.#change('CREATED', id, { obj });
  }

  update(): Sent {
    const mods = {
      title: `Another title, ${this.#rev}`,
      description: 'What it is about, in a sentence of some words.',
    };
    return this.#change('UPDATED', this.#pick(this.leaves), { mods });
  }

  /** A resource goes last in any topic. */
  move(): Sent {
    return this.#change('MOVED', this.#pick(this.leaves), { target: this.#pick(this.topics), position: 'last-child' });
  }

  /** A node where one wants it. */
  insert(id: Id, parent: Id, kind: 'topic' | 'video'): Sent {
    const obj = {
      parent,
      kind,
      title: `Title of ${id.slice(-6)}, of usual length`,
      ...(kind === 'video' && { license: 1 }),
    };
    return this.#change('CREATED', id, { obj });
  }

  copy(id: Id, from: Id, target: Id): Sent {
    return this.#change('COPIED', id, { from_key: from, target, position: 'last-child' });
  }

  /** Half new nodes, a third updates, a sixth moves. */
  mixed(): Sent {
    const dice = this.leaves.length < 10 ? 0 : this.#random(6);
    return dice < 3 ? this.create() : dice < 5 ? this.update() : this.move();
  }

  /** Bodies of POST /api/sync, each of `size` changes. */
  bodies(count: number, size: number, make: () => Sent): Buffer[] {
    return Array.from({ length: Math.ceil(count / size) }, () =>
      this.body(Array.from({ length: size }, () => make.call(this))),
    );
  }

  body(changes: Sent[]): Buffer {
    return Buffer.from(JSON.stringify({ client_id: this.clientId, protocol: 1, changes }));
  }

  #pick(ids: readonly Id[]): Id {
    return ids[this.#random(ids.length)] as Id;
  }

  #change(type: string, key: Id, more: object): Sent {
    return { rev: (this.#rev += 1), type, table: 'contentnode', key, channel_id: this.channel, ...more };
  }
}
