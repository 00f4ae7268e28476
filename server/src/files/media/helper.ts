import { fork, type ChildProcess } from 'node:child_process';
import type { Log, Timers } from '../../deps.ts';
import type { DerivativeSize, MediaFacts } from './facts.ts';
import type { Recognized } from './recognize.ts';
import type { Answer, Task } from './task.ts';

/** No honest file takes so long. */
const TIMEOUT_MS = 20_000;
/** Then the process goes; the next file starts a new one. */
const IDLE_MS = 30_000;

/** Reads files in a process of its own, one after the other. A file that cannot be read gives null or false. */
export interface Helper {
  examine(path: string): Promise<MediaFacts | null>;
  /** Everything that the file says of itself, as JSON. */
  describe(path: string): Promise<string | null>;
  /** What sort of file it is, media or not. */
  recognize(path: string): Promise<Recognized | null>;
  /** Makes a JPEG at `target`, folders included. */
  derive(path: string, target: string, size: DerivativeSize): Promise<boolean>;
  /** Ends the process; what it was about to answer is null or false. */
  stop(): Promise<void>;
}

export function startHelper({ log, timers }: { log: Log; timers: Timers }, timeout: number = TIMEOUT_MS): Helper {
  let child: ChildProcess | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let endIdling: () => void = () => undefined;
  let isStopped = false;

  /** One at a time, whatever became of those before. */
  const ask = (task: Task): Promise<Answer> => {
    const mine = last.then(() => answerOf(task));
    last = mine;
    return mine;
  };

  async function answerOf(task: Task): Promise<Answer> {
    if (isStopped) return FAILED;
    endIdling();
    const asked = (child ??= spawn());
    const answer = await new Promise<Answer>((resolve) => {
      const finish = (given: Answer) => {
        endTimer();
        asked.removeAllListeners('message');
        asked.removeAllListeners('exit');
        resolve(given);
      };
      const fail = (reason: string) => {
        log.warn({ reason, path: task.path }, 'a media file could not be read');
        asked.kill('SIGKILL');
        if (child === asked) child = null;
        finish(FAILED);
      };
      const endTimer = timers.after(timeout, () => fail('it took too long'));
      asked.once('message', (message) => finish(message as Answer));
      asked.once('exit', (code, signal) => fail(`its reader ended with ${signal ?? `code ${code}`}`));
      asked.send(task, (error) => error && fail(error.message));
    });
    endIdling = timers.after(IDLE_MS, () => {
      child?.kill('SIGKILL');
      child = null;
    });
    return answer;
  }

  return {
    async examine(path) {
      return (await ask({ kind: 'examine', path })).facts ?? null;
    },
    async describe(path) {
      return (await ask({ kind: 'describe', path })).description ?? null;
    },
    async recognize(path) {
      return (await ask({ kind: 'recognize', path })).recognized ?? null;
    },
    async derive(path, target, size) {
      return (await ask({ kind: 'derive', path, target, size })).ok;
    },
    async stop() {
      isStopped = true;
      endIdling();
      child?.kill('SIGKILL');
      await last;
    },
  };
}

const FAILED: Answer = { ok: false };

function spawn(): ChildProcess {
  const fromSource = import.meta.url.endsWith('.ts');
  const entry = new URL(fromSource ? './boot.mjs' : './child.js', import.meta.url);
  const child = fork(entry, {
    execArgv: ['--max-old-space-size=128', ...(fromSource ? ['--conditions=source'] : [])],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // It needs nothing of the server's surroundings, least of all its secrets.
    env: { PATH: process.env['PATH'] ?? '' },
    serialization: 'advanced',
  });
  // It never keeps the server alive.
  child.unref();
  child.channel?.unref();
  // Told by `exit` or by the failed `send` as well.
  child.on('error', () => undefined);
  return child;
}
