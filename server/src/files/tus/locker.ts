import type { Lock, Locker, RequestRelease } from '@tus/server';
import { TusError } from './error.ts';

/** How long a request waits for the one before it: longer than @tus/server gives that one to come to an end. */
const PATIENCE_MS = 30_000;

interface Waiting {
  release: RequestRelease;
  enter(): void;
}

/**
 * One request at a time for each upload; the others queue without spinning, and whoever waits asks the holder to come
 * to an end: after a half-open connection the client's next request must get through. Locks are of this process,
 * which is the only one on its folder.
 */
export class QueueLocker implements Locker {
  /** The first of each queue holds the lock. */
  readonly #queues = new Map<string, Waiting[]>();

  newLock(id: string): Lock {
    let mine: Waiting | null = null;
    return {
      lock: async (signal, release) => {
        mine = await this.#enter(id, signal, release);
      },
      unlock: async () => {
        if (mine) this.#leave(id, mine);
        mine = null;
      },
    };
  }

  #enter(id: string, signal: AbortSignal, release: RequestRelease): Promise<Waiting> {
    return new Promise((resolve, reject) => {
      const give = (status: number, code: string, message: string) => {
        this.#leave(id, mine);
        done();
        reject(new TusError(status, code, message));
      };
      const onAbort = () => give(423, 'locked', 'The request was broken off.');
      const patience = setTimeout(
        () => give(423, 'locked', 'Another request still writes to this upload.'),
        PATIENCE_MS,
      );
      patience.unref();
      const done = () => {
        clearTimeout(patience);
        signal.removeEventListener('abort', onAbort);
      };
      const mine: Waiting = {
        release,
        enter: () => {
          done();
          resolve(mine);
        },
      };
      if (signal.aborted) {
        onAbort();
        return;
      }
      signal.addEventListener('abort', onAbort, { once: true });
      const queue = this.#queues.get(id) ?? [];
      this.#queues.set(id, queue);
      queue.push(mine);
      if (queue[0] === mine) mine.enter();
      else void queue[0]?.release();
    });
  }

  #leave(id: string, one: Waiting): void {
    const queue = this.#queues.get(id) ?? [];
    const wasHolder = queue[0] === one;
    const rest = queue.filter((other) => other !== one);
    if (rest.length === 0) this.#queues.delete(id);
    else this.#queues.set(id, rest);
    if (!wasHolder) return;
    rest[0]?.enter();
    // Those behind it still wait.
    if (rest.length > 1) void rest[0]?.release();
  }
}
