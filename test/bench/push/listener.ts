import { connect, type Socket } from 'node:net';
import type { Id } from '@cambium/protocol';
import { TOKEN } from '../ingest/child.ts';

/** A reader of server-sent events with as little of its own as can be: hundreds of them share a thread. */
export class Listener {
  readonly #socket: Socket;
  #waiting: { rev: number; resolve: (at: number) => void } | null = null;
  #rev = 0;
  #text = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8').on('data', (text) => this.#read(String(text)));
  }

  static async open(url: string, channel: Id): Promise<Listener> {
    const { hostname, port, host } = new URL(url);
    const socket = connect(Number(port), hostname);
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const listener = new Listener(socket);
    socket.write(
      `GET /api/sync/events?channel=${channel} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`,
    );
    return listener;
  }

  /** When (`performance.now()`) it heard that the channel is at `rev`. One at a time. */
  until(rev: number): Promise<number> {
    if (this.#rev >= rev) return Promise.resolve(performance.now());
    return new Promise((resolve) => (this.#waiting = { rev, resolve }));
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(text: string): void {
    this.#text += text;
    const found = [...this.#text.matchAll(/"server_rev":(\d+)}/g)].at(-1);
    if (!found) return;
    this.#text = this.#text.slice(found.index + found[0].length);
    this.#rev = Number(found[1]);
    if (this.#waiting && this.#rev >= this.#waiting.rev) {
      this.#waiting.resolve(performance.now());
      this.#waiting = null;
    }
  }
}
