import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection on which a test says byte by byte what it wants. */
export interface Wire {
  /** Everything that came so far. */
  readonly heard: string;
  head(method: string, headers: Record<string, string | number>): void;
  /** False when the other side takes no more for the moment. */
  write(bytes: Uint8Array | string): boolean;
  /** Waits until what came matches; throws when the connection ends before. */
  hear(pattern: RegExp): Promise<RegExpExecArray>;
  drained(): Promise<void>;
  /** Breaks the connection off. */
  cut(): void;
}

/** Opens one to the server of an upload's URL. `path` in place of the URL's own is sent as it stands. */
export async function openWire(url: string, path?: string): Promise<Wire> {
  const { port, host, pathname } = new URL(url);
  const socket: Socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  let heard = '';
  let isOver = false;
  socket.on('data', (chunk) => (heard += chunk.toString('latin1')));
  // How a connection ends is seen by what was heard on it.
  socket.on('error', () => undefined).on('close', () => (isOver = true));
  return {
    get heard() {
      return heard;
    },
    head(method, headers) {
      const lines = Object.entries({ Host: host, Authorization: 'Token ann', 'Tus-Resumable': '1.0.0', ...headers });
      const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
      socket.write(`${method} ${path ?? pathname} HTTP/1.1\r\n${text}\r\n`);
    },
    write: (bytes) => socket.write(bytes),
    async hear(pattern) {
      for (;;) {
        const found = pattern.exec(heard);
        if (found) return found;
        if (isOver) throw new Error(`the connection ended after: ${heard}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    drained: async () => void (await Promise.race([once(socket, 'drain'), once(socket, 'close')])),
    cut: () => socket.destroy(),
  };
}

/** Sends a body of zeros until an answer comes; how many bytes that took. */
export async function sendUntilAnswered(wire: Wire, length: number): Promise<number> {
  const piece = Buffer.alloc(65_536);
  let sent = 0;
  while (sent < length && !wire.heard.startsWith('HTTP')) {
    const isTaken = wire.write(piece);
    sent += piece.byteLength;
    if (!isTaken) await Promise.race([wire.drained(), wire.hear(/^HTTP/)]);
    // The answer gets a turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return sent;
}
