import { type Id, newId, type SyncResponse } from '@cambium/protocol';
import { getMeta, setMeta } from '../database/meta.ts';
import { type ClientDatabase, transact } from '../database/open.ts';
import type { Queue } from '../database/queue.ts';
import type { PendingRecord } from '../database/records.ts';
import { rowNamed } from '../replica/names.ts';
import type { Session } from './session.ts';

/**
 * The server's database is another one than before: restored from a backup, or made anew. Every base is taken anew, and
 * what it said about pending changes is void. What it lost is known as soon as it tells its `last_rev`.
 */
export async function noteServerChanged(session: Session): Promise<void> {
  session.greeted = false;
  await transact(session.db, async (db) => {
    await setMeta(db, 'server_id', undefined);
    await setMeta(db, 'recovering', true);
    await demandSnapshots(db);
    const void_ = await db.pending.filter(({ state }) => state === 'applied').toArray();
    await db.pending.bulkPut(
      void_.map(({ server_rev: _rev, ...record }): PendingRecord => ({ ...record, state: 'sent' })),
    );
  });
}

async function demandSnapshots(db: ClientDatabase): Promise<void> {
  await db.cursor.toCollection().modify((cursor) => {
    cursor.snapshot ??= 'needed';
  });
}

/** Notes which server answered. One that came back from a backup is told again what it lost, under the old revs. */
export async function noteServer(session: Session, { server_id, last_rev }: SyncResponse): Promise<void> {
  await transact(session.db, async (db) => {
    await setMeta(db, 'server_id', server_id);
    if ((await getMeta(db, 'recovering')) !== true) return;
    await setMeta(db, 'recovering', undefined);
    await setMeta(db, 'answered', Math.min((await getMeta(db, 'answered')) ?? 0, last_rev));
    const client_id = (await getMeta(db, 'client_id')) as Id;
    const lost = await db.applied
      .where('[client_id+rev]')
      .between([client_id, last_rev + 1], [client_id, Infinity])
      .toArray();
    await db.pending.bulkPut(
      lost.map(({ rev, channel_id, change, at }): PendingRecord => {
        const group = change['group'];
        return {
          rev,
          row: rowNamed(change),
          channel_id,
          change,
          state: 'sent',
          created_at: at,
          ...(typeof group === 'string' && { group }),
        };
      }),
    );
    await db.applied.bulkDelete(lost.map(({ rev }) => [client_id, rev]));
  });
}

/**
 * Has somebody else sent under this client_id? Then this database is a copy of another one, or an old state of itself.
 */
export async function isCloned({ db }: Queue, { last_rev, results }: SyncResponse): Promise<boolean> {
  if (last_rev >= ((await getMeta(db, 'next_rev')) ?? 1)) return true;
  return results.some(
    (result) => result.status === 'rejected' && result.errors.some(({ code }) => code === 'rev_reused'),
  );
}

/** Takes a new client_id. Under it every rev is new, so what is unanswered keeps its own; every base is taken anew. */
export async function becomeAnother(session: Session): Promise<void> {
  const { deps } = session;
  session.greeted = false;
  await transact(session.db, async (db) => {
    await setMeta(db, 'client_id', newId(deps.clock.now(), deps.random));
    await setMeta(db, 'answered', 0);
    await demandSnapshots(db);
    const unanswered = await db.pending.filter(({ state }) => state === 'sent').toArray();
    await db.pending.bulkPut(unanswered.map((record): PendingRecord => ({ ...record, state: 'queued' })));
  });
}
