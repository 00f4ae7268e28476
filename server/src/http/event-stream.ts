import type { Id } from '@cambium/protocol';
import type { Response } from 'express';
import type { Timers } from '../deps.ts';
import type { User } from '../writer/writer.ts';

/** Silence that proxies and clients may take for a broken line is never longer than this. */
const HEARTBEAT = 15_000;

/** A reader who lets this many bytes pile up is cut off: it connects again and gets the heads, which is all it needs. */
const BACKLOG = 262_144;

/** One open answer to GET /api/sync/events. */
export class EventStream {
  readonly user: User;
  /** The channels that were asked for; null for all that the user may view. */
  readonly wanted: ReadonlySet<Id> | null;
  readonly #res: Response;
  readonly #timers: Timers;
  readonly #sent = new Map<Id, number>();
  #stopHeartbeat: () => void;

  constructor(user: User, wanted: ReadonlySet<Id> | null, res: Response, timers: Timers) {
    this.user = user;
    this.wanted = wanted;
    this.#res = res;
    this.#timers = timers;
    res.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-cache, no-transform',
      'X-Accel-Buffering': 'no',
    });
    res.flushHeaders();
    this.#stopHeartbeat = this.#beat();
  }

  wants(channel: Id): boolean {
    return this.wanted === null || this.wanted.has(channel);
  }

  /** Tells where the log of a channel now ends; says nothing twice. */
  rev(channel: Id, serverRev: number): void {
    if (serverRev <= (this.#sent.get(channel) ?? -1)) return;
    this.#sent.set(channel, serverRev);
    this.#send('rev', `${channel}:${serverRev}`, { channel_id: channel, server_rev: serverRev });
  }

  /** Tells a role that was gained, changed or lost (null). */
  role(channel: Id, role: string | null): void {
    if (role === null) this.#sent.delete(channel);
    this.#send('channel', null, { channel_id: channel, role });
  }

  close(): void {
    this.#stopHeartbeat();
    this.#res.end();
  }

  #send(event: string, id: string | null, data: object): void {
    this.#write(`${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #write(text: string): void {
    if (this.#res.writableLength > BACKLOG) this.#res.destroy();
    else this.#res.write(text);
  }

  #beat(): () => void {
    return this.#timers.after(HEARTBEAT, () => {
      this.#write(':\n\n');
      this.#stopHeartbeat = this.#beat();
    });
  }
}
