import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { newId } from '@cambium/protocol';
import { type CambiumClient, nodeDeps, openClient, type OpenOptions } from '../index.ts';
import type { ClientDeps } from '../deps.ts';
import type { FakeServer } from './fake-server.ts';

let serial = 0;
/** A browser's databases are still there when the tests run the next time. */
const run = newId(Date.now(), (length) => crypto.getRandomValues(new Uint8Array(length)));

/** A store of its own for each device; in a browser the browser's, where the name alone tells devices apart. */
const newStore = (): Pick<ClientDeps, 'indexedDB' | 'IDBKeyRange'> =>
  'document' in globalThis
    ? { indexedDB: globalThis.indexedDB, IDBKeyRange: globalThis.IDBKeyRange }
    : { indexedDB: new IDBFactory(), IDBKeyRange };

/** One device: its databases outlive the clients that are opened on it. */
export class Device {
  readonly name: string;
  readonly store = newStore();
  readonly server: FakeServer;
  readonly token: string;
  now = Date.parse('2026-01-02T00:00:00.000Z');

  constructor(server: FakeServer, token = 'a token') {
    serial += 1;
    this.name = `device-${serial}-${run}`;
    this.server = server;
    this.token = token;
    server.user(token);
  }

  open(options: Partial<OpenOptions> = {}, deps: Partial<ClientDeps> = {}): Promise<CambiumClient> {
    return openClient({
      server: this.server.url,
      token: this.token,
      name: this.name,
      autoSync: false,
      ...options,
      deps: {
        ...nodeDeps(this.store),
        fetch: this.server.fetch,
        // Never twice the same, so that what is made later is later.
        clock: { now: () => (this.now += 1) },
        ...deps,
      },
    });
  }
}
