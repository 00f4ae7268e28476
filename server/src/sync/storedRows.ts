import type { Database } from 'better-sqlite3';
import { keyText, type Id, type Row, type Table } from '@cambium/protocol';
import {
  channelRow,
  fileRow,
  itemRow,
  nodeRow,
  type ChannelRecord,
  type FileRecord,
  type ItemRecord,
  type NodeRecord,
} from '../database/record.ts';
import { statement } from '../database/statement.ts';
import { appRow, type AppRecord } from '../tables/appRow.ts';

/** Rows read at a time: memory stays the same however large the channel is. */
const PAGE = 500;

/** A row as the log made it, with the rev of the last entry that touched it. */
export interface StoredRow {
  table: Table;
  /** `keyText` of the row's key. */
  key: string;
  row: Row;
  rev: number;
}

type Pair = { target_node: Id; prerequisite: Id; rev: number };

const CHANNEL = `SELECT * FROM channel WHERE pk = ? AND deleted = 0`;
const NODES = `SELECT n.*, p.id AS parent_id FROM node n LEFT JOIN node p ON p.pk = n.parent
  WHERE n.channel = ? AND n.lft > ? ORDER BY n.lft LIMIT ${PAGE}`;
const ITEMS = `SELECT * FROM assessmentitem WHERE channel = ? AND pk > ? ORDER BY pk LIMIT ${PAGE}`;
const FILES = `SELECT f.*, u.id AS uploader FROM file f JOIN user u ON u.pk = f.uploaded_by
  WHERE f.channel = ? AND f.pk > ? ORDER BY f.pk LIMIT ${PAGE}`;
const APP_ROWS = `SELECT * FROM app_row WHERE channel = ? AND pk > ? ORDER BY pk LIMIT ${PAGE}`;
const PAIRS = `SELECT * FROM prerequisite WHERE channel = ?`;

/** Every stored row of a channel: its own, nodes in document order, then what hangs on them. One state is the caller's care. */
export function* storedRows(db: Database, { pk, id }: { pk: number; id: Id }): Generator<StoredRow> {
  for (const record of statement<[number], ChannelRecord>(db, CHANNEL).all(pk)) {
    yield { table: 'channel', key: id, row: channelRow(record), rev: record.rev };
  }
  for (const record of paged<NodeRecord & { parent_id: Id | null }>(db, NODES, pk, ({ lft }) => lft)) {
    yield { table: 'contentnode', key: record.id, row: nodeRow(record, record.parent_id, id), rev: record.rev };
  }
  for (const record of paged<ItemRecord>(db, ITEMS, pk, byPk)) {
    yield { table: 'assessmentitem', key: record.id, row: itemRow(record, id), rev: record.rev };
  }
  for (const { uploader, ...record } of paged<FileRecord & { uploader: Id }>(db, FILES, pk, byPk)) {
    yield { table: 'file', key: record.id, row: fileRow(record, id, uploader), rev: record.rev };
  }
  for (const record of paged<AppRecord>(db, APP_ROWS, pk, byPk)) {
    yield { table: 'app_row', key: record.id, row: appRow(record, id), rev: record.rev };
  }
  for (const { target_node, prerequisite, rev } of statement<[number], Pair>(db, PAIRS).all(pk)) {
    const row = { target_node, prerequisite, channel_id: id };
    yield { table: 'contentnode_prerequisite', key: rowKey(row), row, rev };
  }
}

/** `keyText` of a row's key. */
export function rowKey(row: Row): string {
  return 'target_node' in row ? keyText([row.target_node, row.prerequisite]) : row.id;
}

function* paged<R>(db: Database, text: string, channel: number, place: (record: R) => number): Generator<R> {
  const read = statement<[number, number], R>(db, text);
  for (let last = 0; ;) {
    const page = read.all(channel, last);
    yield* page;
    if (page.length < PAGE) return;
    last = place(page.at(-1) as R);
  }
}

function byPk({ pk }: { pk: number }): number {
  return pk;
}
