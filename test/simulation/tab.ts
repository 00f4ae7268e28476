import { openClient, type CambiumClient, type ClientDeps } from '@cambium/client';
import { IDBKeyRange } from 'fake-indexeddb';
import type { Device } from './device.ts';
import { TabStorage } from './world/storage.ts';

/** One client that is open on a device. It may freeze, and die at any moment. */
export class Tab {
  readonly device: Device;
  readonly name: string;
  /** Resolves when the tab dies: what was asked of it then is never answered. */
  readonly death: Promise<'died'>;
  readonly #storage: TabStorage;
  #client: CambiumClient | null = null;
  #isDead = false;
  #sayDead: (value: 'died') => void = () => undefined;
  /** What waits for the end of a freeze; null while not frozen. */
  #frozen: (() => void)[] | null = null;
  /** Transactions until death. */
  #transactionsLeft = Infinity;

  constructor(device: Device, number: number) {
    this.device = device;
    this.name = `${device.name}.${number}`;
    this.death = new Promise((resolve) => {
      this.#sayDead = resolve;
    });
    this.#storage = new TabStorage(device.store, () => {
      this.#transactionsLeft -= 1;
      if (this.#transactionsLeft < 0) this.die();
    });
  }

  get client(): CambiumClient {
    if (!this.#client) throw new Error(`${this.name} is not open`);
    return this.#client;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  get isFrozen(): boolean {
    return this.#frozen !== null;
  }

  async open(): Promise<boolean> {
    const { device } = this;
    try {
      this.#client = await openClient({
        server: 'http://simulation',
        token: device.user.token,
        name: device.databaseName,
        autoSync: device.autoSync,
        deps: this.#deps(),
      });
      return true;
    } catch (error) {
      // The first time a client has to hear from the server who it is.
      device.world.trace.add(`${this.name} cannot open: ${(error as Error).message}`);
      return false;
    }
  }

  /** Dies before its n-th transaction from now; 0 is the next one. */
  dieAtTransaction(n: number): void {
    this.#transactionsLeft = n;
  }

  die(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#storage.die();
    const { device } = this;
    device.world.trace.add(`${this.name} dies`);
    device.tabs = device.tabs.filter((tab) => tab !== this);
    // Later: this may run inside the dead tab's transaction, where Dexie would take the next holder's for a part of it.
    device.world.time.after(0, () => device.locks.releaseAll(this));
    this.#sayDead('died');
  }

  /** After the run: what Dexie keeps for all databases of a process must not grow from run to run. */
  dispose(): void {
    if (!this.#client) return;
    this.die();
    // Whatever it still waits for will not come.
    this.#client.close().catch(() => undefined);
    this.#client.database.close();
  }

  freeze(): void {
    this.#frozen ??= [];
  }

  thaw(): void {
    const waiting = this.#frozen ?? [];
    this.#frozen = null;
    for (const callback of waiting) this.#enter(callback);
  }

  /** What comes from outside gets into a tab only while it lives and is awake. */
  #enter(callback: () => void): void {
    if (this.#isDead) return;
    if (this.#frozen) this.#frozen.push(callback);
    else callback();
  }

  #deps(): ClientDeps {
    const { device } = this;
    const { time, network } = device.world;
    const send = network.fetchOf(device);
    return {
      clock: { now: () => time.now() + device.clockOffset },
      timers: { after: (ms, callback) => time.after(ms, () => this.#enter(callback)) },
      random: device.world.fork(`tab ${this.name}`).bytes,
      fetch: (input, init) =>
        new Promise((resolve, reject) => {
          if (this.#isDead) return;
          send(input, init).then(
            (response) => this.#enter(() => resolve(response)),
            (error: unknown) => this.#enter(() => reject(error)),
          );
        }),
      locks: {
        hold: <T>(name: string, options: { steal?: boolean; signal?: AbortSignal }, held: () => Promise<T>) =>
          this.#isDead ? new Promise<T>(() => undefined) : device.locks.hold(this, name, options, held),
      },
      connectivity: {
        isOnline: () => device.isOnline(),
        subscribe: (listener) => device.listen((online) => this.#enter(() => listener(online))),
      },
      indexedDB: this.#storage.indexedDB,
      IDBKeyRange,
      persist: () => Promise.resolve(null),
      available: () => Promise.resolve(null),
    };
  }
}
