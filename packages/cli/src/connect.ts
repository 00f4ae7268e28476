import { type CambiumClient, nodeDeps, openClient } from '@cambium/client';
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';

let serial = 0;

/** A client of its own: an own database in memory, so an own client_id. It syncs when it is told to. */
export async function connect(server: string, token: string): Promise<CambiumClient> {
  serial += 1;
  // A name of its own too: databases of one name in two factories would wake each other.
  return openClient({
    server,
    token,
    name: `cambium-${process.pid}-${serial}`,
    autoSync: false,
    deps: nodeDeps({ indexedDB: new IDBFactory(), IDBKeyRange }),
  });
}
