import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import type { Log, ServerDeps, Timers } from './deps.ts';
import type { LogLevel } from './settings.ts';

/** The real world: system clock, timers and random numbers, a log of one JSON object a line on stderr. */
export function realWorld(level: LogLevel): ServerDeps {
  return {
    clock: { now: Date.now },
    timers,
    random: (length) => new Uint8Array(randomBytes(length)),
    log: jsonLog(level),
  };
}

const timers: Timers = {
  after(ms, callback) {
    const timer = setTimeout(callback, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** stdout is for what a person or a script waits for; the log goes to stderr, written before the call returns. */
function jsonLog(level: LogLevel): Log {
  const logger = pino({ level, base: { pid: process.pid } }, pino.destination({ fd: 2, sync: true }));
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
