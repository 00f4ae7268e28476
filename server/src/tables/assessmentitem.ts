import type { Database } from 'better-sqlite3';
import type { Id, ItemRow } from '@cambium/protocol';
import { itemFields, itemRow, type ItemRecord } from '../database/record.ts';
import { statement } from '../database/statement.ts';
import type { ChannelLookup } from '../tree/index.ts';
import type { Loaded, TableSql } from './rowTable.ts';

const LOAD = `SELECT * FROM assessmentitem WHERE id = ?`;
const OWNED = `SELECT * FROM assessmentitem WHERE contentnode = ?`;
const INSERT = `INSERT INTO assessmentitem(id, channel, contentnode, ord, rev, modified, fields) VALUES(?, ?, ?, ?, ?, ?, ?)`;
const UPDATE = `UPDATE assessmentitem SET contentnode = ?, ord = ?, rev = ?, modified = ?, fields = ? WHERE id = ?`;
const REMOVE = `DELETE FROM assessmentitem WHERE id = ?`;

export function assessmentItemSql(db: Database, channels: ChannelLookup): TableSql<ItemRow> {
  const loaded = (record: ItemRecord): Loaded<ItemRow> => ({
    row: itemRow(record, channels.channelId(record.channel)),
    rev: record.rev,
  });
  return {
    key: (row) => row.id,
    owners: (row) => [row.contentnode],
    load: (key) => {
      const record = statement<[Id], ItemRecord>(db, LOAD).get(key);
      return record && loaded(record);
    },
    *loadOwned(owner) {
      for (const record of statement<[Id], ItemRecord>(db, OWNED).iterate(owner)) yield loaded(record);
    },
    insert: (row, rev) => {
      const channel = channels.channelPk(row.channel_id);
      statement(db, INSERT).run(row.id, channel, row.contentnode, row.order, rev, row.modified, itemFields(row));
    },
    update: (row, rev) => {
      statement(db, UPDATE).run(row.contentnode, row.order, rev, row.modified, itemFields(row), row.id);
    },
    remove: (key) => void statement(db, REMOVE).run(key),
  };
}
