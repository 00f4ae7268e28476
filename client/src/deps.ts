import type { RandomBytes } from '@cambium/protocol';

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

export interface Timers {
  /** Calls back once after `ms`; returns what ends it. */
  after(ms: number, callback: () => void): () => void;
}

/** The part of the Web Locks API that the client uses. Node has none: there it comes from one map in the process. */
export interface Locks {
  /**
   * Waits for the lock, holds it while `held` runs. `steal` takes it from a frozen holder, whose own promise then
   * rejects. `signal` ends the waiting.
   */
  hold<T>(name: string, options: { steal?: boolean; signal?: AbortSignal }, held: () => Promise<T>): Promise<T>;
}

export interface Connectivity {
  isOnline(): boolean;
  /** Calls back when the browser says that it came online or went offline. Returns what ends it. */
  subscribe(listener: (online: boolean) => void): () => void;
}

/** The world as the client sees it; tests and the simulation give another one. */
export interface ClientDeps {
  clock: Clock;
  timers: Timers;
  random: RandomBytes;
  /** The whole network: what `fetch` does. */
  fetch: typeof fetch;
  locks: Locks;
  connectivity: Connectivity;
  indexedDB: IDBFactory;
  IDBKeyRange: typeof IDBKeyRange;
  /** Asks the browser to keep the data; resolves to its answer, or null where nobody can be asked. */
  persist(): Promise<boolean | null>;
  /** Bytes that may still be stored, or null when the browser does not say. */
  available(): Promise<number | null>;
}
