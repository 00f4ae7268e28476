import { Refusal, type SyncResponse } from '@cambium/protocol';
import { getMeta, setMeta } from '../database/meta.ts';
import { type Batch, MOST_CHANGES } from './batch.ts';
import { BlockedByChange, ServerFailure } from './failure.ts';
import type { Session } from './session.ts';

/** Failures in a row of which the last is not put down to bad luck any more. */
const REPEATED = 2;

/** After a failed request: batches get smaller until the change that is at fault stands alone. */
export async function noteFailure(session: Session, error: unknown, batch: Batch): Promise<void> {
  // Too many cursors say nothing of the changes beside them.
  const tooLarge = error instanceof Refusal && error.error.code === 'too_large' && error.error.field !== 'channel_revs';
  if (batch.changes.length === 0 || !(tooLarge || error instanceof ServerFailure)) return;
  session.failures += 1;
  if (!tooLarge && session.failures < REPEATED) return;
  if (isAlone(batch)) await setMeta(session.db, 'blocked_by', batch.changes[0]?.rev);
  else await setMeta(session.db, 'batch_limit', Math.max(1, Math.floor(batch.changes.length / 2)));
}

/** One change, or one group, which cannot be cut. */
function isAlone({ changes }: Batch): boolean {
  const group = changes[0]?.['group'];
  return changes.length === 1 || (group !== undefined && changes.every((change) => change['group'] === group));
}

export async function noteSuccess(session: Session, batch: Batch): Promise<void> {
  session.failures = 0;
  const limit = await getMeta(session.db, 'batch_limit');
  if (limit === undefined || batch.changes.length < limit) return;
  await setMeta(session.db, 'batch_limit', limit * 2 >= MOST_CHANGES ? undefined : limit * 2);
}

/** The server says on which change it failed: that one is tried alone, and named when it fails again. */
export async function noteFailedChange(session: Session, { results }: SyncResponse, batch: Batch): Promise<void> {
  const failed = results.find(({ status }) => status === 'failed');
  if (!failed) return;
  await setMeta(session.db, 'batch_limit', 1);
  if (isAlone(batch)) await setMeta(session.db, 'blocked_by', failed.rev);
  throw new BlockedByChange(failed.rev);
}
