import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { canonicalJson, type Id, type Json, type JsonObject, type Row } from '@cambium/protocol';
import type { Findings } from './findings.ts';
import type { History } from './history.ts';
import { rowKey, storedRows } from './storedRows.ts';

/** Rows compared before others have their turn. */
const PAGE = 500;

/** Compares every stored row of a channel with what its log made. */
export async function checkRows(
  db: Database,
  channel: { pk: number; id: Id; deleted: number },
  history: History,
  findings: Findings,
): Promise<void> {
  const left = new Map<string, Row>();
  for (const { table, row } of history.tree.rows(channel.id)) left.set(`${table} ${rowKey(row)}`, row);
  const order = history.tree.order(channel.id);
  let place = 0;
  let seen = 0;
  for (const { table, key, row, rev } of storedRows(db, channel)) {
    // What is left of a deleted channel but files nobody reads, and it is being taken out.
    if (channel.deleted === 1 && table !== 'file') continue;
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
