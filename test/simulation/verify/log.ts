import type { Id, LogEntry } from '@cambium/protocol';
import { copiedLines, copiedRow } from '@cambium/server/parts';
import type { Run } from '../run.ts';

interface Stored {
  rev: number;
  entry: string;
}

/** The whole log of a channel, in order; says where it has gaps or does anything twice. */
export function readLog({ world, violations }: Run, channel: Id): LogEntry[] {
  const { raw } = world.server.connection;
  const rows = raw
    .prepare('SELECT l.rev, l.entry FROM change_log l JOIN channel c ON c.pk = l.channel WHERE c.id = ? ORDER BY l.rev')
    .all(channel) as Stored[];
  const log = rows.map(({ entry }) => JSON.parse(entry) as LogEntry);
  for (const [index, { server_rev, channel_id }] of log.entries()) {
    if (server_rev !== index + 1) violations.push(`log of ${channel}: entry ${index + 1} has server_rev ${server_rev}`);
    if (channel_id !== channel) violations.push(`log of ${channel}: entry ${server_rev} is of ${channel_id}`);
  }
  const { head } = raw.prepare('SELECT head FROM channel WHERE id = ?').get(channel) as { head: number };
  if (head !== log.length) violations.push(`log of ${channel}: the head is ${head}, there are ${log.length} entries`);
  return log.map((entry, index) => withRows(raw, channel, entry, index + 1));
}

/** The rows of a large copy lie apart from its entry. */
function withRows(
  raw: Run['world']['server']['connection']['raw'],
  channel: Id,
  entry: LogEntry,
  rev: number,
): LogEntry {
  if (entry.rows_at === undefined) return entry;
  const pk = raw.prepare<[Id], number>('SELECT pk FROM channel WHERE id = ?').pluck().get(channel) as number;
  const lines = copiedLines(raw, pk, rev);
  if (lines === undefined) throw new Error(`the rows of entry ${rev} are missing`);
  return { ...entry, rows: lines.map(copiedRow) };
}

/** No change is in any log twice. Entries by `client:rev`. */
export function byChange({ violations }: Run, logs: readonly LogEntry[][]): Map<string, LogEntry> {
  const found = new Map<string, LogEntry>();
  for (const entry of logs.flat()) {
    if (entry.client_id === null) continue;
    const name = `${entry.client_id}:${entry.rev}`;
    if (found.has(name)) violations.push(`${name} is in the log twice: ${entry.channel_id} ${entry.server_rev}`);
    found.set(name, entry);
  }
  return found;
}
