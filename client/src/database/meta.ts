import { newId } from '@cambium/protocol';
import type { ClientDeps } from '../deps.ts';
import { type ClientDatabase, transact } from './open.ts';
import type { MetaValues } from './records.ts';

export async function getMeta<N extends keyof MetaValues>(
  db: ClientDatabase,
  name: N,
): Promise<MetaValues[N] | undefined> {
  return (await db.meta.get(name))?.value as MetaValues[N] | undefined;
}

export async function setMeta<N extends keyof MetaValues>(
  db: ClientDatabase,
  name: N,
  value: MetaValues[N] | undefined,
): Promise<void> {
  if (value === undefined) await db.meta.delete(name);
  else await db.meta.put({ name, value });
}

/** Gives a new database its client_id. */
export async function prepareMeta(database: ClientDatabase, deps: ClientDeps): Promise<void> {
  await transact(database, async (db) => {
    if ((await getMeta(db, 'client_id')) !== undefined) return;
    await db.meta.bulkPut([
      { name: 'client_id', value: newId(deps.clock.now(), deps.random) },
      { name: 'next_rev', value: 1 },
      { name: 'answered', value: 0 },
    ]);
  });
}

/** Reserves `count` revs; returns the first. Inside a transaction. */
export async function takeRevs(db: ClientDatabase, count: number): Promise<number> {
  const first = (await getMeta(db, 'next_rev')) ?? 1;
  await setMeta(db, 'next_rev', first + count);
  return first;
}
