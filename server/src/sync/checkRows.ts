import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { canonicalJson, keyText, type Id, type Json, type JsonObject, type Row, type Table } from '@cambium/protocol';
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
import type { Findings } from './findings.ts';
import type { History } from './history.ts';

/** Rows compared before others have their turn. */
const PAGE = 500;

interface Stored {
  table: Table;
  key: string;
  row: Row;
  rev: number;
}

const CHANNEL = `SELECT * FROM channel WHERE pk = ? AND deleted = 0`;
const NODES = `SELECT n.*, p.id AS parent_id FROM node n LEFT JOIN node p ON p.pk = n.parent
  WHERE n.channel = ? AND n.lft > ? ORDER BY n.lft LIMIT ${PAGE}`;
const ITEMS = `SELECT * FROM assessmentitem WHERE channel = ?`;
const FILES = `SELECT f.*, u.id AS uploader FROM file f JOIN user u ON u.pk = f.uploaded_by WHERE f.channel = ?`;
const APP_ROWS = `SELECT * FROM app_row WHERE channel = ?`;
const PAIRS = `SELECT * FROM prerequisite WHERE channel = ?`;

/** Compares every stored row of a channel with what its log made. */
export async function checkRows(
  db: Database,
  channel: { pk: number; id: Id },
  history: History,
  findings: Findings,
): Promise<void> {
  const left = new Map<string, Row>();
  for (const { table, row } of history.tree.rows(channel.id)) left.set(`${table} ${keyOf(row)}`, row);
  const order = history.tree.order(channel.id);
  let place = 0;
  let seen = 0;
  for (const { table, key, row, rev } of storedRows(db, channel)) {
    const name = `${table} ${key}`;
    const logged = left.get(name);
    if (logged === undefined) findings.add(`${name} is stored, but its log made none`);
    else compare(name, logged, row, findings);
    left.delete(name);
    const logRev = history.revOf(table, table === 'contentnode_prerequisite' ? (key.split(':') as [Id, Id]) : key);
    if (logged !== undefined && rev !== logRev) findings.add(`${name} bears rev ${rev}, its last entry is ${logRev}`);
    if (table === 'contentnode') {
      // Behind the first node that is out of place every other one is, too.
      if (place >= 0 && order[place]?.[0] !== key) {
        findings.add(`${name} stands where the log has ${order[place]?.[0] ?? 'nothing'}`);
        place = -1;
      } else if (place >= 0) place += 1;
    }
    seen += 1;
    if (seen % PAGE === 0) await setImmediate();
  }
  for (const name of left.keys()) findings.add(`${name} is in the log, but not stored`);
}

function* storedRows(db: Database, { pk, id }: { pk: number; id: Id }): Generator<Stored> {
  for (const record of statement<[number], ChannelRecord>(db, CHANNEL).all(pk)) {
    yield { table: 'channel', key: id, row: channelRow(record), rev: record.rev };
  }
  const nodes = statement<[number, number], NodeRecord & { parent_id: Id | null }>(db, NODES);
  for (let last = 0, isOver = false; !isOver;) {
    const page = nodes.all(pk, last);
    for (const record of page) {
      yield { table: 'contentnode', key: record.id, row: nodeRow(record, record.parent_id, id), rev: record.rev };
      last = record.lft;
    }
    isOver = page.length < PAGE;
  }
  for (const record of statement<[number], ItemRecord>(db, ITEMS).all(pk)) {
    yield { table: 'assessmentitem', key: record.id, row: itemRow(record, id), rev: record.rev };
  }
  for (const { uploader, ...record } of statement<[number], FileRecord & { uploader: Id }>(db, FILES).all(pk)) {
    yield { table: 'file', key: record.id, row: fileRow(record, id, uploader), rev: record.rev };
  }
  for (const record of statement<[number], AppRecord>(db, APP_ROWS).all(pk)) {
    yield { table: 'app_row', key: record.id, row: appRow(record, id), rev: record.rev };
  }
  type Pair = { target_node: Id; prerequisite: Id; rev: number };
  for (const { target_node, prerequisite, rev } of statement<[number], Pair>(db, PAIRS).all(pk)) {
    const row = { target_node, prerequisite, channel_id: id };
    yield { table: 'contentnode_prerequisite', key: keyOf(row), row, rev };
  }
}

function keyOf(row: Row): string {
  return 'target_node' in row ? keyText([row.target_node, row.prerequisite]) : row.id;
}

function compare(name: string, logged: Row, stored: Row, findings: Findings): void {
  const [a, b] = [logged as unknown as JsonObject, stored as unknown as JsonObject];
  for (const field of new Set([...Object.keys(a), ...Object.keys(b)])) {
    if (!isSame(a[field], b[field])) findings.add(`${name} has another ${field} than its log made`);
  }
}

function isSame(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  return a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b);
}
