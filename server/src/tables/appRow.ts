import type { Database } from 'better-sqlite3';
import type { AppRow, Id, JsonObject } from '@cambium/protocol';
import { statement } from '../database/statement.ts';
import type { ChannelLookup } from '../tree/index.ts';
import type { Loaded, TableSql } from './rowTable.ts';

/** A record of `app_row`. */
export interface AppRecord {
  pk: number;
  id: Id;
  channel: number;
  table_name: string;
  rev: number;
  modified: string;
  /** `created_by` and the application's own fields. */
  fields: string;
}

const LOAD = `SELECT * FROM app_row WHERE id = ?`;
const INSERT = `INSERT INTO app_row(id, channel, table_name, rev, modified, fields) VALUES(?, ?, ?, ?, ?, ?)`;
const UPDATE = `UPDATE app_row SET rev = ?, modified = ?, fields = ? WHERE id = ?`;
const REMOVE = `DELETE FROM app_row WHERE id = ?`;

/** The rows of all tables that applications registered. */
export function appRowSql(db: Database, channels: ChannelLookup): TableSql<AppRow> {
  return {
    key: (row) => row.id,
    owners: () => [],
    load: (key): Loaded<AppRow> | undefined => {
      const record = statement<[Id], AppRecord>(db, LOAD).get(key);
      return record && { row: appRow(record, channels.channelId(record.channel)), rev: record.rev };
    },
    loadOwned: () => [],
    insert: (row, rev) => {
      const channel = channels.channelPk(row.channel_id);
      statement(db, INSERT).run(row.id, channel, row.table, rev, row.modified, fieldsOf(row));
    },
    update: (row, rev) => void statement(db, UPDATE).run(rev, row.modified, fieldsOf(row), row.id),
    remove: (key) => void statement(db, REMOVE).run(key),
  };
}

export function appRow(record: AppRecord, channel: Id): AppRow {
  const { created_by, ...fields } = JSON.parse(record.fields) as JsonObject & { created_by: Id };
  const { id, table_name: table, modified } = record;
  return { id, channel_id: channel, table, created_by, fields, modified };
}

function fieldsOf({ created_by, fields }: AppRow): string {
  return JSON.stringify({ ...fields, created_by });
}
