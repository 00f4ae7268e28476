import type { Database } from 'better-sqlite3';
import type { ChannelRow, Id } from '@cambium/protocol';
import { channelFields, channelRow, type ChannelRecord } from '../database/record.ts';
import { statement } from '../database/statement.ts';
import type { ChannelLookup } from '../tree/index.ts';
import type { AbsentIds } from './absent.ts';
import type { Journal } from './journal.ts';

interface Slot {
  readonly pk: number;
  /** Undefined once deleted: the id stays taken for ever. */
  row: ChannelRow | undefined;
  rev: number;
  /** The last server_rev given. */
  head: number;
  stored: boolean;
  dirty: boolean;
}

const BY_ID = `SELECT * FROM channel WHERE id = ?`;
const BY_PK = `SELECT * FROM channel WHERE pk = ?`;
const LAST = `SELECT max(pk) AS pk FROM channel`;
const INSERT = `INSERT INTO channel(head, deleted, name, fields, rev, id, pk) VALUES(?, ?, ?, ?, ?, ?, ?)`;
const UPDATE = `UPDATE channel SET head = ?, deleted = ?, name = ?, fields = ?, rev = ? WHERE pk = ?`;
const UPDATE_HEAD = `UPDATE channel SET head = ? WHERE pk = ?`;

/** Channels during one batch, and their counters: every entry gets the next rev here. */
export class ChannelTable implements ChannelLookup {
  readonly #db: Database;
  readonly #journal: Journal;
  readonly #absent: AbsentIds;
  readonly #slots = new Map<Id, Slot>();
  readonly #unknown = new Set<Id>();
  readonly #ids = new Map<number, Id>();
  /** Channels whose counter moved. */
  readonly #moved = new Set<Id>();
  #nextPk: number | undefined;

  constructor(db: Database, journal: Journal, absent: AbsentIds) {
    this.#db = db;
    this.#journal = journal;
    this.#absent = absent;
  }

  row(id: Id): ChannelRow | undefined {
    return this.#find(id)?.row;
  }

  /** Was there ever a channel with this id? */
  isKnown(id: Id): boolean {
    return this.#find(id) !== undefined;
  }

  revOf(id: Id): number {
    return this.#find(id)?.rev ?? 0;
  }

  head(id: Id): number {
    return this.#find(id)?.head ?? 0;
  }

  channelId(pk: number): Id {
    const known = this.#ids.get(pk);
    if (known !== undefined) return known;
    const record = statement<[number], ChannelRecord>(this.#db, BY_PK).get(pk);
    if (!record) throw new Error('a row names a channel that does not exist');
    return (this.#load(record), record.id);
  }

  channelPk(id: Id): number {
    return this.#must(id).pk;
  }

  put(row: ChannelRow, rev: number): void {
    const id = row.id;
    const old = this.#find(id);
    if (old) throw new Error('a channel id is never used twice');
    this.#nextPk ??= (statement<[], { pk: number | null }>(this.#db, LAST).get()?.pk ?? 0) + 1;
    const pk = this.#nextPk;
    this.#nextPk += 1;
    this.#slots.set(id, { pk, row, rev, head: 0, stored: false, dirty: true });
    this.#ids.set(pk, id);
    this.#unknown.delete(id);
    this.#journal.record(() => this.#slots.delete(id));
  }

  patch(id: Id, fields: Partial<ChannelRow>, rev?: number): void {
    const slot = this.#find(id);
    if (slot?.row) this.#change(slot, { row: { ...slot.row, ...fields }, rev: rev ?? slot.rev, dirty: true });
  }

  remove(id: Id, rev: number): void {
    this.#change(this.#must(id), { row: undefined, rev, dirty: true });
  }

  /** Gives the channel's next server_rev. */
  nextRev(id: Id): number {
    const slot = this.#must(id);
    slot.head += 1;
    this.#moved.add(id);
    if (this.#journal.isOpen) this.#journal.record(() => (slot.head -= 1));
    return slot.head;
  }

  /** Channels that got entries, and their heads. */
  heads(): { channel: Id; server_rev: number }[] {
    return [...this.#moved].flatMap((channel) => {
      const slot = this.#slots.get(channel);
      return slot ? [{ channel, server_rev: slot.head }] : [];
    });
  }

  flush(): void {
    for (const [id, slot] of this.#slots) {
      if (slot.dirty) this.#write(id, slot);
      else if (this.#moved.has(id)) statement(this.#db, UPDATE_HEAD).run(slot.head, slot.pk);
    }
  }

  #write(id: Id, slot: Slot): void {
    // A deleted channel keeps what it was: its name still stands in the provenance of copies.
    const row = slot.row ?? channelRow(statement<[Id], ChannelRecord>(this.#db, BY_ID).get(id) ?? blankRecord(id));
    const values = [slot.head, slot.row ? 0 : 1, row.name, channelFields(row), slot.rev] as const;
    if (slot.stored) statement(this.#db, UPDATE).run(...values, slot.pk);
    else statement(this.#db, INSERT).run(...values, id, slot.pk);
    slot.stored = true;
    slot.dirty = false;
  }

  #find(id: Id): Slot | undefined {
    const slot = this.#slots.get(id);
    if (slot || this.#unknown.has(id) || this.#absent.has(id)) return slot;
    const record = statement<[Id], ChannelRecord>(this.#db, BY_ID).get(id);
    if (record) return this.#load(record);
    this.#unknown.add(id);
    return undefined;
  }

  #must(id: Id): Slot {
    const slot = this.#find(id);
    if (!slot) throw new Error('an entry names a channel that does not exist');
    return slot;
  }

  #load(record: ChannelRecord): Slot {
    const { pk, id, head, rev } = record;
    const row = record.deleted ? undefined : channelRow(record);
    const slot: Slot = { pk, row, rev, head, stored: true, dirty: false };
    this.#slots.set(id, slot);
    this.#ids.set(pk, id);
    return slot;
  }

  #change(slot: Slot, to: Partial<Slot>): void {
    const old = { ...slot };
    Object.assign(slot, to);
    this.#journal.record(() => Object.assign(slot, old, { head: slot.head }));
  }
}

/** A channel that was made and deleted within one batch leaves its id and nothing else. */
function blankRecord(id: Id): Pick<ChannelRecord, 'id' | 'name' | 'fields'> {
  return { id, name: '', fields: '{}' };
}
