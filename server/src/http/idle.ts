import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Milliseconds for the head of a request. */
const HEADERS = 30_000;

/** Milliseconds that a connection stays open between two requests. */
const BETWEEN = 65_000;

/**
 * A connection may be slow but not silent. Node's own limit for a whole request is off, since a large upload may take
 * hours; instead a connection that moves no byte for a while in the middle of a request is cut.
 */
export function limitIdleness(server: Server, silence = 60_000): void {
  server.requestTimeout = 0;
  server.headersTimeout = HEADERS;
  server.keepAliveTimeout = BETWEEN;
  server.setTimeout(silence, (socket: Socket) => socket.destroy());
}
