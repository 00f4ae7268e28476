import type { Database } from 'better-sqlite3';
import type { ServerDeps } from '../deps.ts';
import { examine } from '../sync/examine.ts';
import { WriterCore } from './core.ts';
import type { Answer, Job } from './job.ts';
import { QueuedWriter } from './queue.ts';
import type { Writer } from './writer.ts';

/**
 * A Writer in this thread, for tests and simulation: jobs given in one turn share a commit. `db` stays the caller's.
 *
 * @param examines whether batches are examined first, as the thread's handle does with large ones
 */
export function inlineWriter(db: Database, deps: ServerDeps, examines = false): Writer {
  const core = new WriterCore(db, deps);
  return new QueuedWriter((onCommitted) => {
    let waiting: { job: Job; resolve: (answer: Answer) => void; reject: (error: unknown) => void }[] = [];
    const drain = () => {
      const jobs = waiting;
      waiting = [];
      try {
        const { answers, committed } = core.run(jobs.map(({ job }) => (examines ? examined(job) : job)));
        onCommitted(committed);
        for (const [index, { resolve }] of jobs.entries()) resolve(answers[index] as Answer);
      } catch (error) {
        for (const { reject } of jobs) reject(error);
      }
    };
    return {
      send: (job) =>
        new Promise((resolve, reject) => {
          if (waiting.push({ job, resolve, reject }) === 1) queueMicrotask(drain);
        }),
      close: async () => core.checkpoint(),
    };
  });
}

function examined(job: Job): Job {
  return job.kind === 'sync' ? { ...job, examined: examine(job.body) } : job;
}
