import type { Database } from 'better-sqlite3';
import type { JsonObject, NodeRow, TableRow } from '@cambium/protocol';
import { leanNode, wholeNode } from '../database/record.ts';
import { statement } from '../database/statement.ts';

/** Lines that are read together: other requests have their turn in between. */
const PAGE = 200;

/** Copied rows as they are stored beside their entry: NDJSON, without what is at its default, a fifth of the whole. */
export function packRows(rows: readonly TableRow[]): string {
  let text = '';
  for (const { table, row } of rows) {
    const lean = table === 'contentnode' ? leanNode(row as unknown as NodeRow) : row;
    text += `${JSON.stringify({ table, row: lean })}\n`;
  }
  return text;
}

/** The stored lines of a copy whose rows were too many for its entry; undefined when it has none of its own. */
export function copiedLines(db: Database, channel: number, rev: number): string[] | undefined {
  const text = `SELECT rows FROM copied_rows WHERE channel = ? AND rev = ?`;
  const stored = statement<[number, number], { rows: string }>(db, text).get(channel, rev)?.rows;
  return stored?.split('\n').filter((line) => line !== '');
}

/** The row of a stored line, whole. */
export function copiedRow(line: string): TableRow {
  const { table, row } = JSON.parse(line) as TableRow;
  if (table !== 'contentnode') return { table, row };
  return { table, row: wholeNode(row as unknown as NodeRow) as unknown as JsonObject };
}

/** The rows of a copy as NDJSON, in pieces. */
export function* copiedPieces(lines: readonly string[]): Generator<string> {
  for (let at = 0; at < lines.length; at += PAGE) {
    let text = '';
    for (const line of lines.slice(at, at + PAGE)) text += `${JSON.stringify(copiedRow(line))}\n`;
    yield text;
  }
}
