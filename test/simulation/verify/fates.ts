import { keyText, type Key, type LogEntry } from '@cambium/protocol';
import type { Fate } from '../fates.ts';
import type { Run } from '../run.ts';

/** Every change that a client ever made is in the log, was refused with a code, or was folded into another one. */
export async function verifyFates(run: Run, logged: ReadonlyMap<string, LogEntry>): Promise<void> {
  const rescued = await rescuedRevs(run);
  for (const fate of run.fates.all()) {
    const name = `${fate.client_id}:${fate.rev}`;
    const wrong = problem(fate, logged.get(name), rescued.has(name));
    if (wrong)
      run.violations.push(
        `${name} (${fate.change.type} ${fate.change.table} ${keyText(fate.change['key'] as Key)}) ${wrong}`,
      );
  }
  for (const [name, { client_id, rev }] of logged) {
    if (!run.fates.get(client_id as string, rev as number))
      run.violations.push(`${name} is in the log, and nobody made it`);
  }
}

function problem(
  { verdict, squashed, wasSent, decided, change }: Fate,
  entry: LogEntry | undefined,
  isRescued: boolean,
): string | null {
  if (entry) {
    if (squashed === 'yes') return 'is in the log although it was folded into another change';
    if (verdict && verdict.status !== 'applied') return `is in the log although it was ${verdict.status}`;
    if (verdict && verdict.server_rev !== entry.server_rev)
      return `was answered ${verdict.server_rev} and is ${entry.server_rev}`;
    if (keyText(entry.key) !== keyText(change['key'] as Key) || entry.table !== change.table)
      return `became ${entry.table} ${keyText(entry.key)}`;
    return null;
  }
  if (verdict?.status === 'applied') return 'was answered as applied and is not in the log';
  if (verdict) {
    if (verdict.codes.length === 0) return 'was refused without a code';
    return isRescued || decided ? null : `was refused (${verdict.codes.join()}), and its author was never told`;
  }
  if (squashed !== 'no') return wasSent ? 'was folded into another change after it had been sent' : null;
  return 'is lost';
}

async function rescuedRevs({ devices }: Run): Promise<Set<string>> {
  const revs = new Set<string>();
  for (const device of devices) {
    for (const { client_id, rev } of await device.client().database.rescue.toArray()) revs.add(`${client_id}:${rev}`);
  }
  return revs;
}
