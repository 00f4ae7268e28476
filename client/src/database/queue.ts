import type { Id } from '@cambium/protocol';
import type { ClientDatabase } from './open.ts';
import type { ClientDeps } from '../deps.ts';

/** What everything that queues changes works with. */
export interface Queue {
  db: ClientDatabase;
  deps: ClientDeps;
  user: Id;
}
