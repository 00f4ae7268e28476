import { checkTree } from '@cambium/server/parts';
import type { Run } from '../run.ts';
import { verifyFates } from './fates.ts';
import { byChange, readLog } from './log.ts';
import { verifyModel } from './model.ts';
import { replay, verifyReplicas } from './replicas.ts';

/** Everything that has to hold once all is quiet. */
export async function verify(run: Run): Promise<void> {
  const logs = run.channels.map((channel) => readLog(run, channel));
  const logged = byChange(run, logs);
  await run.until(verifyFates(run, logged));
  verifyModel(run, logs);
  const tree = replay(logs);
  for (const channel of run.channels) await verifyReplicas(run, channel, tree);
  for (const { rule, id, message } of checkTree(run.world.server.connection.raw))
    run.violations.push(`${rule} of ${id}: ${message}`);
}
