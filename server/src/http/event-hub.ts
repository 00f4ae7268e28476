import type { Id } from '@cambium/protocol';
import type { Committed } from '../writer/writer.ts';
import type { EventStream } from './event-stream.ts';

/**
 * Who is told what. A commit costs as much as it has listeners: streams are found by channel and by user, never by
 * looking through all of them.
 */
export class EventHub {
  readonly #streams = new Map<EventStream, Set<Id>>();
  readonly #byChannel = new Map<Id, Set<EventStream>>();
  readonly #byUser = new Map<Id, Set<EventStream>>();
  /** Streams of administrators without a choice of channels: they are told of channels that are yet to be made. */
  readonly #ofAll = new Set<EventStream>();

  get size(): number {
    return this.#streams.size;
  }

  add(stream: EventStream, channels: Iterable<Id>): void {
    this.#streams.set(stream, new Set());
    addTo(this.#byUser, stream.user.id, stream);
    if (stream.user.admin && stream.wanted === null) this.#ofAll.add(stream);
    for (const channel of channels) this.#follow(stream, channel);
  }

  remove(stream: EventStream): void {
    for (const channel of this.#streams.get(stream) ?? []) removeFrom(this.#byChannel, channel, stream);
    removeFrom(this.#byUser, stream.user.id, stream);
    this.#ofAll.delete(stream);
    this.#streams.delete(stream);
  }

  /** Gains before heads, so that a new member is told of the head; losses last, so that a channel's end is told. */
  committed({ heads, roles }: Committed): void {
    for (const { channel, user, role } of roles) if (role !== null) this.#gained(channel, user, role);
    for (const { channel, server_rev: rev } of heads) {
      for (const stream of this.#byChannel.get(channel) ?? []) stream.rev(channel, rev);
      for (const stream of this.#ofAll) stream.rev(channel, rev);
    }
    for (const { channel, user, role } of roles) if (role === null) this.#lost(channel, user);
  }

  /** Ends the streams of users for whom `keep` says no. */
  closeUnless(keep: (stream: EventStream) => boolean): void {
    for (const stream of this.#streams.keys()) {
      if (keep(stream)) continue;
      this.remove(stream);
      stream.close();
    }
  }

  #gained(channel: Id, user: Id, role: string): void {
    for (const stream of this.#byUser.get(user) ?? []) {
      if (!stream.wants(channel)) continue;
      this.#follow(stream, channel);
      stream.role(channel, role);
    }
  }

  #lost(channel: Id, user: Id): void {
    for (const stream of this.#byUser.get(user) ?? []) {
      // An administrator views every channel, member or not.
      if (!stream.wants(channel) || stream.user.admin) continue;
      this.#streams.get(stream)?.delete(channel);
      removeFrom(this.#byChannel, channel, stream);
      stream.role(channel, null);
    }
  }

  #follow(stream: EventStream, channel: Id): void {
    this.#streams.get(stream)?.add(channel);
    addTo(this.#byChannel, channel, stream);
  }
}

function addTo<Key, Value>(map: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const set = map.get(key);
  if (set) set.add(value);
  else map.set(key, new Set([value]));
}

function removeFrom<Key, Value>(map: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const set = map.get(key);
  set?.delete(value);
  if (set?.size === 0) map.delete(key);
}
