import type { Answer, Job } from './job.ts';
import type { Committed } from './writer.ts';

/** What the thread is started with. */
export interface ThreadData {
  /** URL of the module to run; the boot file needs it. */
  entry: string;
  /** Path of the database file. */
  database: string;
  synchronous: 'FULL' | 'NORMAL';
  /** URL of the module with the tables of the application. */
  tables: string | null;
}

export type ToThread = { type: 'job'; id: number; job: Job } | { type: 'close' };

export type FromThread =
  | { type: 'ready' }
  | { type: 'log'; level: 'debug' | 'info' | 'warn' | 'error'; fields: object; message: string }
  | { type: 'committed'; committed: Committed; answers: [id: number, answer: Answer][] }
  | { type: 'closed' };
