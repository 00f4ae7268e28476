import { ambientDeps } from './ambient.ts';
import type { ClientDeps, Locks } from './deps.ts';
import { localLocks } from './local-locks.ts';

/** The world as a browser gives it. Outside of one, `nodeDeps` has to be used. */
export function browserDeps(): Omit<ClientDeps, 'indexedDB' | 'IDBKeyRange'> &
  Partial<Pick<ClientDeps, 'indexedDB' | 'IDBKeyRange'>> {
  return {
    ...ambientDeps(),
    ...(globalThis.indexedDB && { indexedDB: globalThis.indexedDB, IDBKeyRange: globalThis.IDBKeyRange }),
    locks: webLocks(),
    connectivity: {
      isOnline: () => globalThis.navigator?.onLine ?? true,
      subscribe(listener) {
        const online = (): void => listener(true);
        const offline = (): void => listener(false);
        globalThis.addEventListener?.('online', online);
        globalThis.addEventListener?.('offline', offline);
        return () => {
          globalThis.removeEventListener?.('online', online);
          globalThis.removeEventListener?.('offline', offline);
        };
      },
    },
    // WebKit has neither of the two everywhere.
    persist: async () => (await globalThis.navigator?.storage?.persist?.()) ?? null,
    async available() {
      const estimate = await globalThis.navigator?.storage?.estimate?.();
      return estimate?.quota === undefined ? null : estimate.quota - (estimate.usage ?? 0);
    },
  };
}

/**
 * Without the API (a page that is not secure) each tab is a leader of its own: the server does every change once all
 * the same.
 */
function webLocks(): Locks {
  const locks = globalThis.navigator?.locks;
  if (!locks) return localLocks();
  return {
    hold<T>(name: string, options: { steal?: boolean; signal?: AbortSignal }, held: () => Promise<T>): Promise<T> {
      return locks.request(name, options, held) as Promise<T>;
    },
  };
}
