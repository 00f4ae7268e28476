import type { CambiumClient } from '@cambium/client';
import type { Id } from '@cambium/protocol';
import { Dexie } from 'dexie';
import { IDBFactory } from 'fake-indexeddb';
import { BrowserLocks } from './world/locks.ts';
import type { SimulatedUser } from './world/server.ts';
import type { Sender } from './world/network.ts';
import { Tab } from './tab.ts';
import type { World } from './world/world.ts';

/** One browser of one user: its databases and locks, and the tabs that are open on them. */
export class Device implements Sender {
  readonly name: string;
  readonly user: SimulatedUser;
  readonly store = new IDBFactory();
  readonly locks = new BrowserLocks();
  readonly world: World;
  readonly autoSync: boolean;
  /** How far its clock is off, in milliseconds. */
  clockOffset = 0;
  tabs: Tab[] = [];
  /** The node that its user worked on last. */
  lastEdited: Id | null = null;
  readonly #listeners = new Set<(online: boolean) => void>();
  #online = true;
  readonly #opened: Tab[] = [];

  constructor(world: World, name: string, user: SimulatedUser, autoSync: boolean) {
    this.world = world;
    this.name = name;
    this.user = user;
    this.autoSync = autoSync;
  }

  /** Name of its databases: in one process no two runs may share one, or their live queries would wake each other. */
  get databaseName(): string {
    return `simulation-${this.world.serial}-${this.name}`;
  }

  isOnline(): boolean {
    return this.#online;
  }

  setOnline(online: boolean): void {
    if (online === this.#online) return;
    this.#online = online;
    if (!online) this.world.network.cutAll(this);
    for (const listener of this.#listeners) listener(online);
  }

  listen(listener: (online: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Opens a tab; resolves to null when it could not be opened now. */
  async openTab(): Promise<Tab | null> {
    const tab = new Tab(this, this.#opened.length + 1);
    this.#opened.push(tab);
    if (!(await tab.open())) return null;
    this.tabs.push(tab);
    return tab;
  }

  dispose(): void {
    for (const tab of this.#opened) tab.dispose();
    // A tab that died took no leave of its live queries: Dexie would keep it, and all that it knew, for ever.
    for (const part of Object.keys(Dexie.cache)) {
      if (part.startsWith(`idb://${this.databaseName}`)) Reflect.deleteProperty(Dexie.cache, part);
    }
  }

  /** A client of this device that lives. */
  client(): CambiumClient {
    const [tab] = this.tabs;
    if (!tab) throw new Error(`${this.name} has no open tab`);
    return tab.client;
  }
}
