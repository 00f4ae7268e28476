import { BehaviorSubject, combineLatest, type Observable, type Subscription, switchMap } from 'rxjs';
import { live } from './live.ts';
import { refreshChannels } from './channels.ts';
import { readStatus, type SyncStatus, type SyncView } from './status.ts';
import { Events } from './sync/events.ts';
import { isDenied, Unreachable } from './sync/failure.ts';
import { Leader } from './sync/leader.ts';
import { Loop, type LoopState } from './sync/loop.ts';
import { Runner } from './sync/run.ts';
import type { Session } from './sync/session.ts';

/** A change waits this long for others before it is sent, in milliseconds. */
const DEBOUNCE = 100;

/** Between looks at the server when it has been silent, and at the clock for what is stalled, in milliseconds. */
const POLL = 60_000;
const TICK = 10_000;

/** The uploads, as far as the sync has to do with them. */
interface Uploading {
  start(): void;
  stop(): Promise<void>;
  wake(): void;
}

/** Everything that makes a client sync: by itself in the tab that leads, or when it is told to. */
export class Syncing {
  readonly #session: Session;
  readonly #uploads: Uploading;
  readonly #runner: Runner;
  readonly #loop: Loop;
  readonly #leader: Leader;
  readonly #events: Events;
  readonly #view: BehaviorSubject<SyncView>;
  readonly #ticks = new BehaviorSubject<null>(null);
  #stops: (() => void)[] = [];
  #offline = false;
  #started = false;
  #isLeader = false;
  #stopDebounce: (() => void) | null = null;
  #queued: Subscription | null = null;
  readonly status$: Observable<SyncStatus>;

  constructor(session: Session, uploads: Uploading) {
    this.#session = session;
    this.#uploads = uploads;
    this.#runner = new Runner(session);
    this.#loop = new Loop(this.#runner, session.deps, (state) => this.#show(state));
    this.#leader = new Leader(session, (isLeader) => this.#lead(isLeader));
    this.#events = new Events(session, session.transport, {
      onNews: () => this.#loop.send('wake'),
      onChannels: () => void this.#listAgain(),
    });
    this.#view = new BehaviorSubject<SyncView>({ phase: 'idle', failure: null });
    this.status$ = combineLatest([this.#view, this.#ticks]).pipe(
      switchMap(([view]) => live(() => readStatus(session, view))),
    );
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    const { connectivity, timers } = this.#session.deps;
    this.#stops.push(connectivity.subscribe(() => this.#followNetwork()));
    const repeat = (ms: number, work: () => void): void => {
      let stop = (): void => undefined;
      const again = (): void => {
        stop = timers.after(ms, () => {
          work();
          again();
        });
      };
      again();
      this.#stops.push(() => stop());
    };
    repeat(POLL, () => this.#loop.send('wake'));
    repeat(TICK, () => this.#ticks.next(null));
    this.#leader.start();
  }

  status(): Promise<SyncStatus> {
    return readStatus(this.#session, this.#view.value);
  }

  async sync(): Promise<void> {
    if (this.#offline) throw new Unreachable('offline by choice');
    const automatic = this.#started && this.#isLeader;
    if (!automatic) this.#view.next({ phase: 'syncing', failure: null });
    try {
      await this.#runner.run();
      if (!automatic) this.#view.next({ phase: 'idle', failure: null });
    } catch (error) {
      if (!automatic)
        this.#view.next({ phase: isDenied(error) ? 'unauthorized' : 'waiting', failure: failureOf(error) });
      throw error;
    }
  }

  get isKeptOffline(): boolean {
    return this.#offline;
  }

  setOffline(offline: boolean): void {
    this.#offline = offline;
    if (!this.#started) this.#view.next({ phase: offline ? 'offline' : 'idle', failure: null });
    this.#followNetwork();
  }

  /** Ends a pause after failures: somebody has just done something about their reason. */
  tryNow(): void {
    if (this.#isLeader && this.#isOnline()) this.#loop.send('online');
    this.#loop.send('wake');
  }

  tokenChanged(): void {
    this.#loop.send('token');
    if (this.#isLeader && this.#isOnline()) this.#events.start();
    this.#uploads.wake();
  }

  async close(): Promise<void> {
    this.#loop.send('close');
    this.#events.stop();
    this.#stopDebounce?.();
    this.#queued?.unsubscribe();
    for (const stop of this.#stops) stop();
    await this.#leader.close();
    await this.#runner.close();
  }

  /** A tab that only follows is offline when the device is, not because another one does the talking. */
  #show({ phase, error }: LoopState): void {
    const isFollowing = phase === 'offline' && !this.#isLeader && this.#isOnline();
    this.#view.next({ phase: isFollowing ? 'idle' : phase, failure: failureOf(error) });
  }

  #isOnline(): boolean {
    return !this.#offline && this.#session.deps.connectivity.isOnline();
  }

  #lead(isLeader: boolean): void {
    this.#isLeader = isLeader;
    this.#followNetwork();
    this.#queued?.unsubscribe();
    if (!isLeader) return;
    // Other tabs queue, too.
    this.#queued = live(async () => (await this.#session.db.pending.orderBy('rev').last())?.rev).subscribe(
      (rev) => rev !== undefined && this.#soon(),
    );
  }

  /** Only the tab that leads talks to the server, and only online. */
  #followNetwork(): void {
    const online = this.#isLeader && this.#isOnline();
    this.#loop.send(online ? 'online' : 'offline');
    if (online) {
      this.#events.start();
      this.#uploads.start();
      this.#uploads.wake();
    } else {
      this.#events.stop();
      void this.#uploads.stop();
      // The loop begins offline, so staying there is no news to it; to the view it may be.
      if (this.#loop.phase === 'offline') this.#show({ phase: 'offline', error: null });
    }
  }

  #soon(): void {
    this.#stopDebounce ??= this.#session.deps.timers.after(DEBOUNCE, () => {
      this.#stopDebounce = null;
      this.#loop.send('wake');
    });
  }

  async #listAgain(): Promise<void> {
    try {
      await refreshChannels(this.#session, this.#session.transport);
    } catch (error) {
      // The loop meets the same trouble and says so.
      this.#view.next({ ...this.#view.value, failure: failureOf(error) });
    }
  }
}

function failureOf(error: unknown): SyncView['failure'] {
  if (error === null || error === undefined) return null;
  return error instanceof Unreachable ? 'unreachable' : 'refused';
}
