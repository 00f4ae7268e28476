import type { Database } from 'better-sqlite3';
import type { FileRow, Id } from '@cambium/protocol';
import { fileRow, type FileRecord } from '../database/record.ts';
import { statement } from '../database/statement.ts';
import type { ChannelLookup } from '../tree/index.ts';
import type { Loaded, TableSql } from './rowTable.ts';
import { userIdOf, userPkOf } from './user.ts';

const LOAD = `SELECT * FROM file WHERE id = ?`;
const OWNED = `SELECT * FROM file WHERE contentnode = ? UNION ALL SELECT * FROM file WHERE assessment_item = ?`;
const INSERT = `INSERT INTO file(channel, contentnode, assessment_item, checksum, sha256, file_size, file_format, preset, language,
  original_filename, duration, uploaded_by, uploaded, mime_type, url, modified, rev, id) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const UPDATE = `UPDATE file SET channel = ?, contentnode = ?, assessment_item = ?, checksum = ?, sha256 = ?, file_size = ?, file_format = ?,
  preset = ?, language = ?, original_filename = ?, duration = ?, uploaded_by = ?, uploaded = ?, mime_type = ?, url = ?, modified = ?, rev = ? WHERE id = ?`;
const REMOVE = `DELETE FROM file WHERE id = ?`;

export function fileSql(db: Database, channels: ChannelLookup): TableSql<FileRow> {
  const loaded = (record: FileRecord): Loaded<FileRow> => {
    const channel = record.channel === null ? null : channels.channelId(record.channel);
    return { row: fileRow(record, channel, userIdOf(db, record.uploaded_by)), rev: record.rev };
  };
  const values = (row: FileRow, rev: number) => [
    row.channel_id === null ? null : channels.channelPk(row.channel_id),
    row.contentnode,
    row.assessment_item,
    row.checksum,
    row.sha256,
    row.file_size,
    row.file_format,
    row.preset,
    row.language,
    row.original_filename,
    row.duration,
    userPkOf(db, row.uploaded_by),
    row.uploaded ? 1 : 0,
    row.mime_type,
    row.url,
    row.modified,
    rev,
    row.id,
  ];
  return {
    key: (row) => row.id,
    owners: (row) => [row.contentnode, row.assessment_item],
    load: (key) => {
      const record = statement<[Id], FileRecord>(db, LOAD).get(key);
      return record && loaded(record);
    },
    *loadOwned(owner) {
      for (const record of statement<[Id, Id], FileRecord>(db, OWNED).iterate(owner, owner)) yield loaded(record);
    },
    insert: (row, rev) => void statement(db, INSERT).run(...values(row, rev)),
    update: (row, rev) => void statement(db, UPDATE).run(...values(row, rev)),
    remove: (key) => void statement(db, REMOVE).run(key),
  };
}
