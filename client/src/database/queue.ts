import type { Id } from '@cambium/protocol';
import { type ClientDatabase, transact } from './open.ts';
import type { ClientDeps } from '../deps.ts';

/** What everything that queues changes works with. */
export interface Queue {
  db: ClientDatabase;
  deps: ClientDeps;
  user: Id;
}

/** `transact` for what works with a queue: inside, the queue's database is the transaction. */
export function transactQueue<Q extends Queue, T>(queue: Q, work: (queue: Q) => Promise<T>): Promise<T> {
  return transact(queue.db, (db) => work({ ...queue, db }));
}
