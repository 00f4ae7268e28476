import { randomBytes } from 'node:crypto';
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { openRaw } from '../database/raw.ts';
import type { Log, ServerDeps } from '../deps.ts';
import { loadTables } from '../tables/load.ts';
import { Checkpointer } from './checkpointer.ts';
import { WriterCore } from './core.ts';
import type { Job } from './job.ts';
import type { FromThread, ThreadData, ToThread } from './message.ts';

/**
 * Jobs and bytes of one commit: enough to share its cost, few enough that the first of them need not wait long, and that
 * what a commit holds in memory is gone before V8 takes it for old.
 */
const SHARED_JOBS = 256;
const SHARED_BYTES = 524_288;

/** MiB of pages: what the batches of a few seconds touch of a tree of a million nodes. */
const CACHE = 24;

/** Milliseconds without work after which the write-ahead log is moved into the database. */
const IDLE = 1_000;

const port = parentPort as MessagePort;
const { database, synchronous, tables } = workerData as ThreadData;
if (tables !== null) await loadTables(tables);
const db = openRaw(database, { synchronous, cache: CACHE });
const world = deps();
const core = new WriterCore(db, world);
const checkpointer = new Checkpointer(db, world.log);
const waiting: { id: number; job: Job }[] = [];
let closing = false;
let scheduled = false;
let idle: NodeJS.Timeout | undefined;

port.on('message', (message: ToThread) => {
  accept(message);
  if (scheduled) return;
  scheduled = true;
  setImmediate(work);
});
tell({ type: 'ready' });

function accept(message: ToThread): void {
  if (message.type === 'close') closing = true;
  else waiting.push({ id: message.id, job: message.job });
}

/** One commit for everything that has come until now; what comes meanwhile waits in the port for the next. */
function work(): void {
  clearTimeout(idle);
  for (let more = receiveMessageOnPort(port); more; more = receiveMessageOnPort(port)) accept(more.message as ToThread);
  const batch = take();
  if (batch.length > 0) {
    const { answers, committed } = core.run(batch.map(({ job }) => job));
    tell({ type: 'committed', committed, answers: batch.map(({ id }, i) => [id, answers[i]!]) });
    checkpointer.nudge();
  }
  scheduled = waiting.length > 0;
  if (scheduled) setImmediate(work);
  else if (closing) void close();
  else idle = setTimeout(() => core.checkpoint(), IDLE);
}

function take(): { id: number; job: Job }[] {
  let bytes = 0;
  let count = 0;
  for (const { job } of waiting) {
    if (count === SHARED_JOBS || bytes > SHARED_BYTES) break;
    bytes += job.kind === 'sync' ? job.body.byteLength : 0;
    count += 1;
  }
  return waiting.splice(0, count);
}

async function close(): Promise<void> {
  await checkpointer.close();
  core.checkpoint();
  db.close();
  tell({ type: 'closed' });
  port.close();
}

function tell(message: FromThread): void {
  port.postMessage(message);
}

function deps(): ServerDeps {
  const write = (level: keyof Log) => (fields: object, message: string) =>
    tell({ type: 'log', level, fields, message });
  return {
    clock: { now: () => Date.now() },
    timers: {
      after: (ms, callback) => {
        const timer = setTimeout(callback, ms).unref();
        return () => clearTimeout(timer);
      },
    },
    random: (length) => randomBytes(length),
    log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
  };
}
