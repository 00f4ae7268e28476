import type { Database } from 'better-sqlite3';
import type { Id } from '@cambium/protocol';
import { statement } from '../database/statement.ts';
import type { AbsentIds } from './absent.ts';
import type { ChannelTable } from './channel.ts';
import type { Journal } from './journal.ts';

interface Grave {
  /** By its name on the wire. */
  table: string;
  channel: Id;
}

const LOAD = `SELECT table_name, channel FROM tombstone WHERE id = ?`;
const INSERT = `INSERT OR IGNORE INTO tombstone(id, table_name, channel) VALUES(?, ?, ?)`;

/**
 * Ids that were used once. They may come back in the same table and channel only, so that an id never means two
 * different things in two logs. A tombstone stays when its row comes back.
 */
export class Tombstones {
  readonly #db: Database;
  readonly #channels: ChannelTable;
  readonly #journal: Journal;
  readonly #absent: AbsentIds;
  readonly #made = new Map<Id, Grave>();

  constructor(db: Database, channels: ChannelTable, journal: Journal, absent: AbsentIds) {
    this.#db = db;
    this.#channels = channels;
    this.#journal = journal;
    this.#absent = absent;
  }

  add(id: Id, table: string, channel: Id): void {
    if (this.#made.has(id)) return;
    this.#made.set(id, { table, channel });
    this.#journal.record(() => this.#made.delete(id));
  }

  /** Was the id used in another table or channel before? */
  isReserved(id: Id, table: string, channel: Id): boolean {
    const made = this.#made.get(id);
    if (made) return made.table !== table || made.channel !== channel;
    if (this.#absent.has(id)) return false;
    const found = statement<[Id], { table_name: string; channel: number }>(this.#db, LOAD).get(id);
    if (!found) return false;
    return found.table_name !== table || this.#channels.channelId(found.channel) !== channel;
  }

  flush(): void {
    const insert = statement(this.#db, INSERT);
    for (const [id, { table, channel }] of this.#made) insert.run(id, table, this.#channels.channelPk(channel));
    this.#made.clear();
  }
}
