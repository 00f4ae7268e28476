import type { LogEntry, TableRow } from '@cambium/protocol';
import { lacksRows } from '../replica/own-entry.ts';
import type { Transport } from './transport.ts';

/** Fetches what entries leave out: the rows of a large copy, or of an own one that came shortened. */
export async function fetchCopiedRows(transport: Transport, entries: readonly LogEntry[]): Promise<LogEntry[]> {
  const full: LogEntry[] = [];
  for (const entry of entries) full.push(lacksRows(entry) ? await complete(transport, entry) : entry);
  return full;
}

async function complete(transport: Transport, entry: LogEntry): Promise<LogEntry> {
  if (entry.rows_at === undefined) {
    const path = `/api/channel/${entry.channel_id}/changes?after=${entry.server_rev - 1}&limit=1`;
    const [found] = (await transport.get<{ results: LogEntry[] }>(path)).results;
    if (!found || (found.rows === undefined && found.rows_at === undefined))
      throw new Error(`no rows of copy ${String(entry.key)}`);
    return found.rows === undefined ? complete(transport, found) : found;
  }
  const rows: TableRow[] = [];
  for await (const line of transport.lines(entry.rows_at)) {
    const row = line as unknown as TableRow & { end?: true };
    if (row.table !== undefined) rows.push(row);
  }
  return { ...entry, rows };
}
