import type { Id } from '@cambium/protocol';

interface Tombstone {
  /** By its name on the wire. */
  table: string;
  channel: Id | null;
}

/** Where the ids of deleted rows lived: they may come back in the same table and channel, and nowhere else. */
export class Tombstones {
  readonly #dead = new Map<Id, Tombstone>();

  bury(id: Id, table: string, channel: Id | null): void {
    // A channel's id is also its root node's, and is never used again.
    if (this.#dead.get(id)?.table !== 'channel') this.#dead.set(id, { table, channel });
  }

  isReserved(id: Id, table: string, channel: Id): boolean {
    const dead = this.#dead.get(id);
    if (dead === undefined) return false;
    if (dead.table === 'channel' || dead.table !== table) return true;
    // A file that was attached to nothing belonged to no channel.
    return dead.channel !== null && dead.channel !== channel;
  }
}
