import type { Database } from 'better-sqlite3';
import { LIMITS, type EntryDraft, type Id, type LogEntry, type TableRow } from '@cambium/protocol';
import { statement } from '../database/statement.ts';
import type { BatchStore } from './store.ts';

interface Pending {
  channel: Id;
  rev: number;
  /** The rev before this one that touched the same row; 0 for none. */
  prev: number;
  text: string;
  /** Copied rows that are too many for the entry, NDJSON. */
  rows?: string;
}

/** Who and when, as the entry says it. */
export interface Stamp {
  client_id: Id | null;
  rev: number | null;
  user_id: Id;
  at: string;
}

/** An entry with its place in the log. */
export type PlacedDraft = EntryDraft & { channel_id: Id };

const INSERT = `INSERT INTO change_log(channel, rev, prev, entry) VALUES(?, ?, ?, ?)`;
const INSERT_ROWS = `INSERT INTO copied_rows(channel, rev, rows) VALUES(?, ?, ?)`;
const LOAD = `SELECT prev, entry FROM change_log WHERE channel = ? AND rev = ?`;

/** The log of all channels as this batch lengthens it. Entries get their JSON text here, once. */
export class ChangeLog {
  readonly #db: Database;
  readonly #store: BatchStore;
  readonly #pending: Pending[] = [];

  constructor(db: Database, store: BatchStore) {
    this.#db = db;
    this.#store = store;
  }

  /** Gives an entry the next rev of its channel. */
  append(draft: PlacedDraft, stamp: Stamp, prev: number): LogEntry {
    const channel = draft.channel_id;
    const server_rev = this.#store.channels.nextRev(channel);
    const { client_id, rev, user_id, at } = stamp;
    const { rows, ...lean } = draft;
    const entry: LogEntry = { server_rev, client_id, rev, user_id, at, ...lean };
    const pending: Pending = { channel, rev: server_rev, prev, text: '' };
    if (rows) {
      const text = JSON.stringify(rows);
      if (Buffer.byteLength(text) <= LIMITS.inlineRows) entry.rows = rows;
      else {
        entry.rows_at = `/api/channel/${channel}/rows/${server_rev}`;
        pending.rows = ndjson(rows);
      }
    }
    pending.text = JSON.stringify(entry);
    this.#pending.push(pending);
    return entry;
  }

  /** An entry of this batch or an older one, with the rev before it in its row's history. */
  read(channel: Id, rev: number): { prev: number; entry: LogEntry } | undefined {
    const found =
      this.#pending.findLast((one) => one.rev === rev && one.channel === channel) ?? this.#load(channel, rev);
    return found && { prev: found.prev, entry: JSON.parse(found.text) as LogEntry };
  }

  mark(): number {
    return this.#pending.length;
  }

  rollback(mark: number): void {
    this.#pending.length = mark;
  }

  flush(): void {
    const insert = statement(this.#db, INSERT);
    for (const { channel, rev, prev, text, rows } of this.#pending) {
      const pk = this.#store.channels.channelPk(channel);
      insert.run(pk, rev, prev, text);
      if (rows !== undefined) statement(this.#db, INSERT_ROWS).run(pk, rev, rows);
    }
  }

  #load(channel: Id, rev: number): { prev: number; text: string } | undefined {
    const pk = this.#store.channels.channelPk(channel);
    const found = statement<[number, number], { prev: number; entry: string }>(this.#db, LOAD).get(pk, rev);
    return found && { prev: found.prev, text: found.entry };
  }
}

function ndjson(rows: readonly TableRow[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
