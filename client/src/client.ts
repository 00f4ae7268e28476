import { type AppTable, type Id, type JsonObject, newId, Refusal, registerTable, storedTable } from '@cambium/protocol';
import { map, type Observable, shareReplay } from 'rxjs';
import { browserDeps } from './browser.ts';
import { Channel } from './channel.ts';
import { follow, refreshChannels, unfollow } from './channels.ts';
import { enqueue } from './changes/enqueue.ts';
import { setAside, takeUp } from './changes/aside.ts';
import { settleConflict } from './changes/conflicts.ts';
import { History } from './changes/history.ts';
import { discard, rescued, type Rescue, retry } from './changes/rescue.ts';
import { forgetOld } from './changes/retention.ts';
import { prepareMeta } from './database/meta.ts';
import { type ClientDatabase, openDatabase } from './database/open.ts';
import { transactQueue } from './database/queue.ts';
import type { ConflictRecord, PendingRecord } from './database/records.ts';
import type { StoredChannel } from './database/rows.ts';
import type { ClientDeps } from './deps.ts';
import { type User, userOf } from './directory.ts';
import { live } from './live.ts';
import { rows, type ShownNode } from './queries.ts';
import type { SyncStatus } from './status.ts';
import type { Session } from './sync/session.ts';
import { Syncing } from './syncing.ts';
import { Transport } from './sync/transport.ts';
import { createUploads, type Files, type HashWorker, type Uploads } from './uploads/index.ts';

export interface OpenOptions {
  /** Where the server is, such as `http://127.0.0.1:8787`. */
  server: string;
  token: string;
  /** Name of the databases on this device; default `cambium`. */
  name?: string;
  deps?: Partial<ClientDeps>;
  /** Tables that the application adds; the server has to know them too. */
  tables?: readonly AppTable[];
  /** Sync by itself, listening to the server (default); false: only when `sync` is called. */
  autoSync?: boolean;
  /** A Web Worker that hashes what is attached, see `@cambium/client/hash-worker`; without it this thread does. */
  hashWorker?: () => HashWorker;
}

/**
 * Opens this device's copy of one user's channels. Works offline for a user who was here before.
 *
 * ### Example
 *
 * ```ts
 * const client = await openClient({ server: 'http://127.0.0.1:8787', token });
 * const course = await client.createChannel({ name: 'Course' });
 * await client.channel(course).create({ parent: course, kind: 'topic', title: 'Week 1' });
 * ```
 *
 * @throws Refusal `unauthenticated` when the server does not take the token
 * @throws Unreachable when the user is not known here and no answer comes
 */
export async function openClient(options: OpenOptions): Promise<CambiumClient> {
  for (const table of options.tables ?? []) registerTable(table);
  const deps = { ...browserDeps(), ...options.deps };
  if (!hasStore(deps)) throw new Error('there is no IndexedDB here: give one in deps (see nodeDeps)');
  const name = options.name ?? 'cambium';
  const transport = new Transport(options.server, options.token, deps);
  const user = await userOf(name, transport, deps);
  const db = await openDatabase(`${name}-${user.id}`, deps);
  await prepareMeta(db, deps);
  const session: Session = {
    db,
    deps,
    user: user.id,
    transport,
    greeted: false,
    verified: true,
    failures: 0,
    restarts: 0,
    turns: { last: null, done: 0 },
  };
  await forgetOld(session);
  const client = new CambiumClient({ id: user.id, username: user.username }, session, options.hashWorker);
  if (options.autoSync ?? true) client.start();
  return client;
}

function hasStore(deps: Partial<ClientDeps>): deps is ClientDeps {
  return deps.indexedDB !== undefined && deps.IDBKeyRange !== undefined;
}

/** One user's channels on this device, and their sync. Made by `openClient`. */
export class CambiumClient {
  readonly user: User;
  readonly #session: Session;
  readonly #syncing: Syncing;
  readonly #uploads: Uploads;
  readonly #histories = new Map<Id, History>();

  readonly channels$: Observable<StoredChannel[]>;
  readonly status$: Observable<SyncStatus>;
  /** What is queued, oldest first. */
  readonly pending$: Observable<PendingRecord[]>;
  /** What the server refused, oldest first. */
  readonly rejected$: Observable<Rescue[]>;
  /** Own updates that overwrote what somebody else had written meanwhile, oldest first, until they are settled. */
  readonly conflicts$: Observable<ConflictRecord[]>;

  constructor(user: User, session: Session, hashWorker?: () => HashWorker) {
    this.user = user;
    this.#session = session;
    const { db } = session;
    this.#uploads = createUploads({
      database: db,
      world: session.deps,
      server: session.transport.server,
      token: () => session.transport.token,
      write: (channel, changes) =>
        enqueue(
          session,
          changes.map((change) => ({ ...change, channel_id: channel })),
        ),
      ...(hashWorker && { hashWorker }),
    });
    this.#syncing = new Syncing(session, this.#uploads);
    this.channels$ = live(() => db.channel.toArray()).pipe(map((all) => all.toSorted(byName)));
    this.pending$ = live(() => db.pending.orderBy('rev').toArray());
    this.rejected$ = live(() => rescued(session));
    this.conflicts$ = live(() => db.conflict.orderBy('at').toArray());
    this.status$ = this.#syncing.status$.pipe(shareReplay({ bufferSize: 1, refCount: true }));
  }

  get files(): Files {
    return this.#uploads;
  }

  /** For tests and tools: the database itself. */
  get database(): ClientDatabase {
    return this.#session.db;
  }

  /** Begins to sync by itself. */
  start(): void {
    this.#syncing.start();
  }

  /** Makes a channel, which is followed from then on. */
  async createChannel(fields: JsonObject & { name: string }, options: { id?: Id } = {}): Promise<Id> {
    const { deps } = this.#session;
    const id = options.id ?? newId(deps.clock.now(), deps.random);
    await transactQueue(this.#session, async (queue) => {
      await enqueue(queue, [{ type: 'CREATED', table: 'channel', key: id, channel_id: id, obj: fields }]);
      await queue.db.cursor.put({ channel_id: id, rev: 0, snapshot: null, progress: null, unavailable: false });
    });
    return id;
  }

  /** Brings the list of channels up to date. Throws when the server cannot be reached. */
  refreshChannels(): Promise<void> {
    return refreshChannels(this.#session, this.#session.transport);
  }

  /**
   * Holds the channel on this device and keeps it up to date. Resolves when it is here; when it throws, it comes with
   * a later sync all the same.
   */
  async follow(channel: Id): Promise<void> {
    await follow(this.#session, channel);
    await this.sync();
    if ((await this.#session.db.cursor.get(channel))?.unavailable === true)
      throw new Refusal('not_found', { field: 'channel' });
  }

  unfollow(channel: Id): Promise<void> {
    return unfollow(this.#session, channel);
  }

  channel(id: Id): Channel {
    const history = this.#histories.get(id) ?? new History(this.#session);
    this.#histories.set(id, history);
    return new Channel(id, this.#session, history);
  }

  status(): Promise<SyncStatus> {
    return this.#syncing.status();
  }

  /** What is queued of one row. */
  pendingOf$(id: Id, table = 'contentnode'): Observable<PendingRecord[]> {
    return live(() =>
      this.#session.db.pending
        .where('row')
        .equals(`${storedTable(table)}:${id}`)
        .sortBy('rev'),
    );
  }

  /** What the server refused, now. */
  rescued(): Promise<Rescue[]> {
    return rescued(this.#session);
  }

  /** Queues a refused change again, with those that need it. Throws a `Refusal` when it still cannot apply. */
  retry(rev: number): Promise<void> {
    return retry(this.#session, rev);
  }

  /** Gives a refused change up. */
  discard(rev: number): Promise<void> {
    return discard(this.#session, rev);
  }

  /** Keeps one's own values, or takes those of the other back: a new change then. */
  settleConflict(conflict: ConflictRecord, keep: 'mine' | 'theirs'): Promise<void> {
    return settleConflict(this.#session, conflict, keep);
  }

  /** Everything that the server refused, as one JSON value to keep elsewhere. */
  async exportRescue(): Promise<{ user: User; server: string; at: string; rescue: Rescue[] }> {
    const { deps, transport } = this.#session;
    const at = new Date(deps.clock.now()).toISOString();
    return { user: this.user, server: transport.server, at, rescue: await this.rescued() };
  }

  /** Leaves the change on which the server fails out of what is sent, until `takeUp`. It keeps its place in the queue. */
  async setAside(rev: number): Promise<void> {
    await setAside(this.#session, rev);
    this.#syncing.tryNow();
  }

  async takeUp(rev: number): Promise<void> {
    await takeUp(this.#session, rev);
    this.#syncing.tryNow();
  }

  /** Sends what is pending and fetches what is new, until there is neither. Throws what stopped it. */
  sync(): Promise<void> {
    return this.#syncing.sync();
  }

  /** Stops talking to the server; everything else goes on. */
  goOffline(): void {
    this.#syncing.setOffline(true);
  }

  /** Was `goOffline` called? The status tells whether the client is offline, for whatever reason. */
  get isKeptOffline(): boolean {
    return this.#syncing.isKeptOffline;
  }

  goOnline(): void {
    this.#syncing.setOffline(false);
  }

  /** A new token of the same user. One of somebody else is not used: the status is `unauthorized` then. */
  setToken(token: string): void {
    this.#session.transport.token = token;
    this.#session.verified = false;
    this.#syncing.tokenChanged();
  }

  /** Every shown node of a channel in document order: a topic before what is in it. */
  rows(channel: Id): AsyncGenerator<ShownNode> {
    return rows(this.#session.db, channel);
  }

  async close(): Promise<void> {
    await this.#syncing.close();
    await this.#uploads.stop();
    this.#session.db.close();
  }
}

function byName(a: StoredChannel, b: StoredChannel): number {
  return a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1);
}
