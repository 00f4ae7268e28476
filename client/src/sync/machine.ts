/**
 * What the sync is doing.
 *
 * `idle`: nothing to do. `syncing`: a run of rounds is under way. `again`: so it is, and there is reason for another.
 * `waiting`: the last run failed, the next one comes after a pause. `offline`: told to be, or the browser says so.
 * `unauthorized`: the server does not take the token; nothing is tried until there is another. `closed`: for good.
 */
export const PHASES = ['idle', 'syncing', 'again', 'waiting', 'offline', 'unauthorized', 'closed'] as const;
export type Phase = (typeof PHASES)[number];

/**
 * `wake`: something was queued, or the server has news. `done`, `failed`, `denied`: how a run ended. `timer`: the pause
 * is over. `token`: there is a new one.
 */
export const EVENTS = ['wake', 'done', 'failed', 'denied', 'timer', 'online', 'offline', 'token', 'close'] as const;
export type Event = (typeof EVENTS)[number];

const CLOSED = {
  wake: 'closed',
  done: 'closed',
  failed: 'closed',
  denied: 'closed',
  timer: 'closed',
  online: 'closed',
  offline: 'closed',
  token: 'closed',
  close: 'closed',
} as const satisfies Record<Event, Phase>;

/** Every event in every phase. What is not expected there changes nothing. */
const TABLE: Record<Phase, Record<Event, Phase>> = {
  idle: {
    wake: 'syncing',
    done: 'idle',
    failed: 'idle',
    denied: 'unauthorized',
    timer: 'idle',
    online: 'syncing',
    offline: 'offline',
    token: 'syncing',
    close: 'closed',
  },
  syncing: {
    wake: 'again',
    done: 'idle',
    failed: 'waiting',
    denied: 'unauthorized',
    timer: 'syncing',
    online: 'syncing',
    offline: 'offline',
    token: 'again',
    close: 'closed',
  },
  again: {
    wake: 'again',
    done: 'syncing',
    failed: 'waiting',
    denied: 'unauthorized',
    timer: 'again',
    online: 'again',
    offline: 'offline',
    token: 'again',
    close: 'closed',
  },
  waiting: {
    // A new change does not shorten the pause: the server may be down because too many ask.
    wake: 'waiting',
    done: 'idle',
    failed: 'waiting',
    denied: 'unauthorized',
    timer: 'syncing',
    online: 'syncing',
    offline: 'offline',
    token: 'syncing',
    close: 'closed',
  },
  offline: {
    wake: 'offline',
    done: 'offline',
    failed: 'offline',
    denied: 'offline',
    timer: 'offline',
    online: 'syncing',
    offline: 'offline',
    token: 'offline',
    close: 'closed',
  },
  unauthorized: {
    wake: 'unauthorized',
    done: 'idle',
    failed: 'unauthorized',
    denied: 'unauthorized',
    timer: 'unauthorized',
    online: 'unauthorized',
    offline: 'offline',
    token: 'syncing',
    close: 'closed',
  },
  closed: CLOSED,
};

export function next(phase: Phase, event: Event): Phase {
  return TABLE[phase][event];
}
