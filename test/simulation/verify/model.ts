import { isEqualJson, parseChange, type Id, type LogEntry } from '@cambium/protocol';
import { ReferenceModel } from '@cambium/tree';
import type { Run } from '../run.ts';

/**
 * The naive model, given the changes as they were sent in the order in which the log has them, makes the same tree. It
 * is one tree for all channels, as copies cross from one to another: the order between logs is that of their times.
 */
export function verifyModel(run: Run, logs: readonly LogEntry[][]): void {
  const model = new ReferenceModel('');
  for (const entry of inOrder(logs)) {
    const raw = entry.client_id === null ? undefined : run.fates.get(entry.client_id, entry.rev as number)?.change;
    if (!raw) continue;
    const parsed = parseChange(raw);
    if (!parsed.ok) {
      run.violations.push(`model: ${entry.channel_id} ${entry.server_rev} was applied and does not even parse`);
      continue;
    }
    // Files belong to whoever uploaded them.
    Object.assign(model, { user: entry.user_id });
    const prediction = model.apply(parsed.change);
    if (!prediction.ok)
      run.violations.push(`model: ${entry.channel_id} ${entry.server_rev} should be ${prediction.codes.join()}`);
  }
  for (const channel of run.channels) verifyOrder(run, model, channel);
}

function verifyOrder(run: Run, model: ReferenceModel, channel: Id): void {
  const text = `SELECT n.id, p.id AS parent FROM node n LEFT JOIN node p ON p.pk = n.parent JOIN channel c ON c.pk = n.channel
    WHERE c.id = ? ORDER BY n.lft`;
  const rows = run.world.server.connection.raw.prepare(text).all(channel) as { id: Id; parent: Id | null }[];
  const order = rows.map(({ id, parent }) => [id, parent]);
  const expected = model.order(channel);
  const at = order.findIndex((pair, index) => !isEqualJson(pair, expected[index]));
  if (at < 0 && order.length === expected.length) return;
  run.violations.push(
    `model: in ${channel} node ${at} is ${JSON.stringify(order[at])} instead of ${JSON.stringify(expected[at])}`,
  );
}

/** Entries of all logs in the order in which they were written. */
function inOrder(logs: readonly LogEntry[][]): LogEntry[] {
  const [only] = logs;
  if (only && logs.length === 1) return only;
  return logs.flat().sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0) || a.server_rev - b.server_rev);
}
