import { protocolError } from '@cambium/protocol';
import { liveQuery } from 'dexie';

import { createFileApi, type FileApi } from './api.ts';
import { AT_ONCE, backoff } from './backoff.ts';
import type { UploadDeps } from './deps.ts';
import { asFailure, UploadFailure } from './failure.ts';
import { holdUnlessFrozen } from './hold.ts';
import { isIntact, sweepAbandoned } from './intake.ts';
import type { PackFailures } from './pack.ts';
import { choosePacked, sendPacked } from './packs.ts';
import { send } from './send.ts';
import { whileWanted } from './watch.ts';
import type { UploadRow } from '../database/uploads.ts';

/** Bytes of one request: the largest, and the smallest that a 413 brings it down to. */
const CHUNK = 16 * 1024 * 1024;
const SMALLEST_CHUNK = 256 * 1024;
/** Tries after which a doubtful refusal is taken at its word: that is after about four minutes. */
const DOUBTS = 8;
/** The longest sleep: another tab may have queued something and be gone, milliseconds. */
const SLEEP = 60_000;

export interface Uploader {
  start(): void;
  /** Ends a running transfer; what the server acknowledged stays. */
  stop(): Promise<void>;
  /** Something changed for the better: try again now what waits. */
  wake(): void;
  /** Sends everything that waits now, in this call. Throws what stopped it. */
  drain(): Promise<void>;
}

/**
 * Sends what waits, one file at a time in all tabs of one database: the lock is held for one try only, so a tab that
 * goes away never blocks the others.
 */
export function createUploader(deps: UploadDeps): Uploader {
  const { database, world } = deps;
  let running: { abort: AbortController; unsubscribe: () => void; done: Promise<void> } | null = null;
  let chunk = CHUNK;
  /** Woken since the last look at what is due; `rouse` ends the sleep that runs. */
  let woken = false;
  let rouse: () => void = () => undefined;

  /** The first that is due, and those that go with it in one pack. */
  async function next(now: number): Promise<{ upload: UploadRow | undefined; pack: UploadRow[] }> {
    // `sending` and `verifying` outside the lock were left by a page that is gone: they wait like the others.
    const open = await database.upload.where('state').anyOf('waiting', 'sending', 'verifying').toArray();
    const isDue = open.some((upload) => upload.next_at <= now);
    // What is due in a moment goes along: what broke off with the others is not to come after them.
    const until = isDue ? now + AT_ONCE : now;
    const due = open.filter((upload) => upload.next_at <= until).toSorted((a, b) => a.created_at - b.created_at);
    return { upload: due[0], pack: choosePacked(due, open) };
  }

  /** Tries the first that is due; resolves to how that went, or null when none is. */
  function tryNext(now: number, signal: AbortSignal): Promise<'sent' | UploadFailure | null> {
    return holdUnlessFrozen(world, `${database.name}:uploads`, signal, progress, async () => {
      const { upload, pack } = await next(now);
      if (pack.length > 0) return tryPack(pack, signal);
      return upload ? tryOne(upload, signal) : null;
    });
  }

  /** `sent` unless one of them was not; each has its own end. A pack that broke off goes on as it was. */
  async function tryPack(pack: readonly UploadRow[], signal: AbortSignal): Promise<'sent' | UploadFailure> {
    const api = apiWith(signal);
    let failures: PackFailures;
    try {
      failures = await sendPacked(deps, api, pack, chunk, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      const failure = asFailure(error);
      failures = new Map(pack.map((upload) => [upload, failure]));
    }
    let outcome: 'sent' | UploadFailure = 'sent';
    for (const [upload, failure] of failures) {
      const settled = await settle(upload, failure);
      if (outcome === 'sent') outcome = settled;
    }
    return outcome;
  }

  function apiWith(signal: AbortSignal): FileApi {
    const fetcher: typeof fetch = (...args) => world.fetch(...args);
    return createFileApi({ server: deps.server, token: deps.token, fetch: fetcher, signal });
  }

  /** `sent` also when it was given up meanwhile, in whichever tab: nothing is left to do. */
  async function tryOne(upload: UploadRow, signal: AbortSignal): Promise<'sent' | UploadFailure> {
    const isGone = async () => !(await database.upload.get(upload.id));
    return whileWanted(signal, isGone, async (wanted, isInVain) => {
      try {
        await send(deps, apiWith(wanted), upload, chunk, wanted);
        return 'sent';
      } catch (error) {
        if (signal.aborted) throw error;
        if (isInVain() || (await isGone())) return 'sent';
        const failure = asFailure(error);
        return await settle(upload, failure);
      }
    });
  }

  /** What changes while somebody sends. */
  async function progress(): Promise<string> {
    const open = await database.upload.where('state').anyOf('waiting', 'sending', 'verifying').toArray();
    return JSON.stringify(open.map(({ id, state, sent, attempts }) => [id, state, sent, attempts]));
  }

  /** Writes down why a try failed and when the next one is due; the failure as it is to be seen. */
  async function settle(upload: UploadRow, thrown: UploadFailure): Promise<UploadFailure> {
    const failure = await examined(upload, thrown);
    if (failure.kind === 'smaller') chunk = Math.max(SMALLEST_CHUNK, chunk / 2);
    const attempts =
      ((await database.upload.get(upload.id))?.attempts ?? 0) + (failure.kind === 'unauthenticated' ? 0 : 1);
    const jitter = (world.random(1)[0] as number) / 256;
    await database.upload.update(upload.id, {
      state: isFinal(failure, attempts) ? 'refused' : 'waiting',
      error: failure.error,
      attempts,
      next_at: nextTry(failure, world.clock.now(), backoff(attempts, jitter)),
      ...(failure.kind === 'restart' && { upload_url: null, sent: 0, accepted: 0 }),
    });
    return failure;
  }

  /** Wrong bytes are sent again, unless they are wrong here. */
  async function examined(upload: UploadRow, failure: UploadFailure): Promise<UploadFailure> {
    if (failure.error.code !== 'checksum_mismatch' || (await isIntact(deps, upload))) return failure;
    const message = 'What this device kept of the file is damaged; choose it again.';
    return new UploadFailure('refused', protocolError('checksum_mismatch', { message }));
  }

  /** Until the next try is due, something wakes it, or it ends. */
  async function sleep(signal: AbortSignal): Promise<void> {
    const waiting = await database.upload.where('state').equals('waiting').toArray();
    const due = Math.min(...waiting.map((upload) => upload.next_at)) - world.clock.now();
    if (signal.aborted || woken) return;
    await new Promise<void>((resolve) => {
      const cancel = world.timers.after(Math.min(SLEEP, Math.max(0, due)), () => rouse());
      rouse = () => {
        cancel();
        resolve();
      };
    });
  }

  async function loop(signal: AbortSignal): Promise<void> {
    await sweepAbandoned(deps);
    await dueAtOnce();
    while (!signal.aborted) {
      woken = false;
      const outcome = world.connectivity.isOnline() ? await tryUnlessRobbed(signal) : null;
      if (outcome === 'sent') continue;
      if (!signal.aborted) await sleep(signal);
    }
  }

  /** Null also when another tab took this one for frozen, and the lock with it: the other goes on. */
  async function tryUnlessRobbed(signal: AbortSignal): Promise<'sent' | UploadFailure | null> {
    try {
      return await tryNext(world.clock.now(), signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof Error) || error.name !== 'AbortError') throw error;
      return null;
    }
  }

  async function dueAtOnce(): Promise<void> {
    await database.upload.where('state').equals('waiting').modify({ next_at: 0 });
  }

  /** To the network, and to the other tabs: what they queue is sent by whoever runs. */
  function listen(): () => void {
    const stop = world.connectivity.subscribe((online) => online && wake());
    const ids$ = liveQuery(() => database.upload.where('state').equals('waiting').primaryKeys());
    let known = new Set<string>();
    const subscription = ids$.subscribe((ids) => {
      if (ids.some((id) => !known.has(id))) rouseNow();
      known = new Set(ids);
    });
    return () => {
      stop();
      subscription.unsubscribe();
    };
  }

  function rouseNow(): void {
    woken = true;
    rouse();
  }

  function wake(): void {
    void dueAtOnce().then(rouseNow);
  }

  return {
    start() {
      if (running) return;
      const abort = new AbortController();
      const unsubscribe = listen();
      const done = loop(abort.signal).catch((error: unknown) => {
        if (!abort.signal.aborted) throw error;
      });
      running = { abort, unsubscribe, done };
    },
    async stop() {
      if (!running) return;
      const { abort, unsubscribe, done } = running;
      running = null;
      unsubscribe();
      abort.abort();
      rouse();
      await done;
    },
    wake,
    async drain() {
      await dueAtOnce();
      const { signal } = new AbortController();
      for (;;) {
        const outcome = await tryNext(world.clock.now(), signal);
        if (outcome === null) return;
        if (outcome !== 'sent' && outcome.kind !== 'smaller') throw outcome;
      }
    },
  };
}

function isFinal({ kind }: UploadFailure, attempts: number): boolean {
  return kind === 'refused' || (kind === 'doubtful' && attempts >= DOUBTS);
}

/** Without a valid token no time is a good one: a new token wakes it. */
function nextTry(failure: UploadFailure, now: number, wait: number): number {
  if (failure.kind === 'unauthenticated') return Number.MAX_SAFE_INTEGER;
  return failure.kind === 'smaller' ? now : now + wait;
}
