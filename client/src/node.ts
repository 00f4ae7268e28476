import type { ClientDeps } from './deps.ts';
import { localLocks } from './local-locks.ts';
import { ambientDeps } from './ambient.ts';

/** Locks are shared by all clients of this process, as they are by all tabs of a browser. */
const LOCKS = localLocks();

/**
 * The world of a client outside of a browser. There is no IndexedDB: one has to be given.
 *
 * @example
 * import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
 * const client = await openClient({ server, token, deps: nodeDeps({ indexedDB: new IDBFactory(), IDBKeyRange }) });
 */
export function nodeDeps(store: Pick<ClientDeps, 'indexedDB' | 'IDBKeyRange'>): ClientDeps {
  return {
    ...ambientDeps(),
    ...store,
    locks: LOCKS,
    connectivity: { isOnline: () => true, subscribe: () => () => undefined },
    persist: () => Promise.resolve(null),
    available: () => Promise.resolve(null),
  };
}
