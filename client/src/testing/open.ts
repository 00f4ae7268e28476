import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { type CambiumClient, nodeDeps, openClient, type OpenOptions } from '../index.ts';
import type { ClientDeps } from '../deps.ts';
import type { FakeServer } from './fake-server.ts';

let serial = 0;

/** One device: its databases outlive the clients that are opened on it. */
export class Device {
  readonly name: string;
  readonly store = new IDBFactory();
  readonly server: FakeServer;
  readonly token: string;
  now = Date.parse('2026-01-02T00:00:00.000Z');

  constructor(server: FakeServer, token = 'a token') {
    serial += 1;
    this.name = `device-${serial}`;
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
        ...nodeDeps({ indexedDB: this.store, IDBKeyRange }),
        fetch: this.server.fetch,
        // Never twice the same, so that what is made later is later.
        clock: { now: () => (this.now += 1) },
        ...deps,
      },
    });
  }
}
