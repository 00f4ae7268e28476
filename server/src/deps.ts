import type { RandomBytes } from '@cambium/protocol';

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

export interface Timers {
  /** Calls back once after `ms`; returns what ends it. A timer never keeps the process alive. */
  after(ms: number, callback: () => void): () => void;
}

/** Structured log: one JSON object a line. Never given a token, a secret or the content of a row. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** The world as the server sees it; tests and the simulation give another one. */
export interface ServerDeps {
  clock: Clock;
  timers: Timers;
  random: RandomBytes;
  log: Log;
}
