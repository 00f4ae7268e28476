import type { Id } from '@cambium/protocol';
import type { Clock, Log, Timers } from '../deps.ts';
import { HOLD_MS } from '../sync/compact/limit.ts';
import type { Writer } from '../writer/writer.ts';
// Declares the commands that a writer takes.
import '../writer/commands.ts';

/** Milliseconds until what was noted of cursors is written. Old cursors keep more of the log, so to be late is safe. */
const LATE = 30_000;

/** A hold that is renewed less often than this is written at most that often: it lasts so much longer. */
const RENEW_MS = HOLD_MS / 24;

/** Clients that are noted between two writes. */
const MOST = 100_000;

interface Parts {
  writer: Writer;
  clock: Clock;
  timers: Timers;
  log: Log;
}

/** Notes who still needs which part of the log, for compaction: cursors as clients send them, and begun snapshots. */
export class Readers {
  readonly #parts: Parts;
  readonly #cursors = new Map<string, { channel: Id; user: number; client_id: Id; rev: number; seen: string }>();
  /** Until when a snapshot's rev is held, milliseconds, by `channel rev`. */
  readonly #holds = new Map<string, number>();
  #endTimer: (() => void) | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A client asked for what follows these cursors, so it has everything before. */
  asked(user: number, client_id: Id, cursors: Readonly<Record<Id, number>>): void {
    const seen = new Date(this.#parts.clock.now()).toISOString();
    for (const [channel, rev] of Object.entries(cursors)) {
      if (this.#cursors.size >= MOST) break;
      this.#cursors.set(`${channel} ${user} ${client_id}`, { channel, user, client_id, rev, seen });
    }
    if (this.#cursors.size > 0) this.#endTimer ??= this.#parts.timers.after(LATE, () => void this.flush());
  }

  /** A snapshot at this rev begins; resolves when that is written. */
  async begins(channel: number, rev: number): Promise<void> {
    const now = this.#parts.clock.now();
    const name = `${channel} ${rev}`;
    if ((this.#holds.get(name) ?? 0) >= now + HOLD_MS) return;
    const until = now + HOLD_MS + RENEW_MS;
    await this.#parts.writer.command('log.note', {
      holds: [{ channel, rev, until: new Date(until).toISOString() }],
      cursors: [],
    });
    if (this.#holds.size >= MOST) this.#holds.clear();
    this.#holds.set(name, until);
  }

  /** Writes what was noted of cursors. */
  async flush(): Promise<void> {
    this.#endTimer?.();
    this.#endTimer = undefined;
    const cursors = [...this.#cursors.values()];
    this.#cursors.clear();
    if (cursors.length === 0) return;
    try {
      await this.#parts.writer.command('log.note', { holds: [], cursors });
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'cursors of readers were not noted');
    }
  }
}
