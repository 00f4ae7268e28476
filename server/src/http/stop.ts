import type { Server } from 'node:http';
import type { Timers } from '../deps.ts';

/** Milliseconds that requests in flight have to finish. */
const DRAIN = 3_000;

/** Milliseconds after which a connection that became idle meanwhile is noticed. */
const LOOK = 50;

/** Takes no more connections, lets requests in flight finish, then cuts what is left. */
export function closeServer(server: Server, timers: Timers, drain = DRAIN): Promise<void> {
  return new Promise((resolve, reject) => {
    const stopWaiting = timers.after(drain, () => server.closeAllConnections());
    let stopLooking = () => {};
    const look = () => {
      server.closeIdleConnections();
      stopLooking = timers.after(LOOK, look);
    };
    server.close((error) => {
      stopWaiting();
      stopLooking();
      if (error) reject(error);
      else resolve();
    });
    look();
  });
}
