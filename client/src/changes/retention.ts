import type { Queue } from '../database/queue.ts';

/** How long own changes that the server has applied are kept, should it come back from a backup, in milliseconds. */
const KEPT = 7 * 24 * 60 * 60 * 1000;

export async function forgetOld({ db, deps }: Queue): Promise<void> {
  await db.applied
    .where('at')
    .below(deps.clock.now() - KEPT)
    .delete();
}
