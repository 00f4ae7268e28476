import type { Queue } from '../database/queue.ts';
import type { Transport } from './transport.ts';
import type { Turns } from './turns.ts';

/** What one client talks to the server with, as long as it is open. */
export interface Session extends Queue {
  transport: Transport;
  /** Has this run of the client asked the server who it is? Until then nothing is sent. */
  greeted: boolean;
  /** Does the token belong to the user of this database? */
  verified: boolean;
  /** Requests with changes that failed in a row. */
  failures: number;
  /** Times that the server sent this client back to the beginning, since an exchange last went well. */
  restarts: number;
  turns: Turns;
}
