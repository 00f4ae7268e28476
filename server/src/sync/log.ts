import type { Database } from 'better-sqlite3';
import { LIMITS, type EntryDraft, type Id, type LogEntry, type TableRow } from '@cambium/protocol';
import { BulkInsert } from '../database/bulkInsert.ts';
import { statement } from '../database/statement.ts';
import { packRows } from './copiedRows.ts';
import type { BatchStore } from './store.ts';

interface Pending {
  channel: Id;
  rev: number;
  /** The rev before this one that touched the same row; 0 for none. */
  prev: number;
  text: string;
  /** Copied rows that are too many for the entry, packed. */
  rows?: string;
}

/** Who, as the entry says it. */
export interface Stamp {
  client_id: Id | null;
  rev: number | null;
  user_id: Id;
}

/** An entry with its time and its place in the log. */
export type PlacedDraft = EntryDraft & { channel_id: Id; at: string };

const INSERT_ROWS = `INSERT INTO copied_rows(channel, rev, rows) VALUES(?, ?, ?)`;
const LOAD = `SELECT prev, entry FROM change_log WHERE channel = ? AND rev = ?`;

/** The log of all channels as this batch lengthens it. Entries get their JSON text here, once. */
export class ChangeLog {
  readonly #db: Database;
  readonly #store: BatchStore;
  readonly #pending: Pending[] = [];
  /** The first rev of this batch in a channel: what is older is not looked for among what is pending. */
  readonly #firsts = new Map<Id, number>();

  constructor(db: Database, store: BatchStore) {
    this.#db = db;
    this.#store = store;
  }

  /** Gives an entry the next rev of its channel; returns its text. */
  append(draft: PlacedDraft, { client_id, rev, user_id }: Stamp, prev: number): string {
    const channel = draft.channel_id;
    const server_rev = this.#store.channels.nextRev(channel);
    if (!this.#firsts.has(channel)) this.#firsts.set(channel, server_rev);
    const pending: Pending = { channel, rev: server_rev, prev, text: '' };
    const rest = draft.rows ? withoutManyRows(draft, draft.rows, server_rev, pending) : draft;
    // Ids need no escaping: put before the text of the rest, the stamp costs no object of its own.
    const client = client_id === null ? 'null' : `"${client_id}"`;
    const stamp = `"client_id":${client},"rev":${rev},"user_id":"${user_id}"`;
    pending.text = `{"server_rev":${server_rev},${stamp},${JSON.stringify(rest).slice(1)}`;
    this.#pending.push(pending);
    return pending.text;
  }

  /** An entry of this batch or an older one, with the rev before it in its row's history and the length of its text. */
  read(channel: Id, rev: number): { prev: number; entry: LogEntry; length: number } | undefined {
    const isOlder = rev < (this.#firsts.get(channel) ?? Infinity);
    const found = isOlder
      ? this.#load(channel, rev)
      : this.#pending.findLast((one) => one.rev === rev && one.channel === channel);
    return found && { prev: found.prev, entry: JSON.parse(found.text) as LogEntry, length: found.text.length };
  }

  mark(): number {
    return this.#pending.length;
  }

  rollback(mark: number): void {
    this.#pending.length = mark;
  }

  flush(): void {
    const insert = new BulkInsert(this.#db, 'change_log(channel, rev, prev, entry)', '(?, ?, ?, ?)');
    for (const { channel, rev, prev, text, rows } of this.#pending) {
      const pk = this.#store.channels.channelPk(channel);
      insert.add(pk, rev, prev, text);
      if (rows !== undefined) statement(this.#db, INSERT_ROWS).run(pk, rev, rows);
    }
    insert.end();
  }

  #load(channel: Id, rev: number): { prev: number; text: string } | undefined {
    const pk = this.#store.channels.channelPk(channel);
    const found = statement<[number, number], { prev: number; entry: string }>(this.#db, LOAD).get(pk, rev);
    return found && { prev: found.prev, text: found.entry };
  }
}

/** Rows that are too many for an entry are stored apart, and it says where. */
function withoutManyRows(draft: PlacedDraft, rows: TableRow[], server_rev: number, pending: Pending): PlacedDraft {
  const packed = packRows(rows);
  // Packed they are never longer than whole.
  const isMany = packed.length > LIMITS.inlineRows || Buffer.byteLength(JSON.stringify(rows)) > LIMITS.inlineRows;
  if (!isMany) return draft;
  pending.rows = packed;
  const { rows: _rows, ...lean } = draft;
  return { ...lean, rows_at: `/api/channel/${draft.channel_id}/rows/${server_rev}` };
}
