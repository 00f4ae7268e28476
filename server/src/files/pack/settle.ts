import type { FilesDeps } from '../deps.ts';
import { each, syncFile, syncFolder, type Disk } from '../disk.ts';

/**
 * Until then the system has written the members by itself, as it does within half a minute, and to make sure is cheap:
 * no fsync finds anything to write, nor has it a journal to wait for that new packs wait for as well.
 */
const DELAY_MS = 40_000;
/** Packs that may wait; beyond it whoever brings one more waits with them. */
const MOST = 128;

/**
 * The members of a pack are acknowledged when the pack is durable, as one file with one fsync; here they become durable
 * themselves, and then the pack goes. Cut off before that, the next start does it again (`redo.ts`).
 */
export interface Settling {
  /** These members of the pack were placed and are answered for. Waits while too many packs wait. */
  due(path: string, sha256s: readonly string[]): Promise<void>;
  /** Makes this one now, or all that are due: resolves when they are not needed any more. */
  settle(path?: string): Promise<void>;
  /** Leaves the rest for the next start. */
  stop(): Promise<void>;
}

export function openSettling({ timers, log }: Pick<FilesDeps, 'timers' | 'log'>, disk: Disk): Settling {
  const waiting = new Map<string, readonly string[]>();
  let isStopped = false;
  let running: Promise<void> | null = null;
  let endTimer: () => void = () => undefined;
  let isTimed = false;

  /** All that wait at the moment, together: a folder that several write to is synced once. */
  async function round(): Promise<void> {
    const packs = [...waiting];
    await settleMembers(disk, new Set(packs.flatMap(([, sha256s]) => sha256s)), () => isStopped);
    if (isStopped) return;
    for (const [path] of packs) {
      await disk.remove(path);
      waiting.delete(path);
    }
  }

  function run(): Promise<void> {
    endTimer();
    isTimed = false;
    running ??= round().finally(() => {
      running = null;
      if (waiting.size > 0) wake();
    });
    return running;
  }

  const tell = (error: unknown) => log.error({ err: error }, 'the members of a pack could not be made durable');

  function wake(): void {
    if (isTimed || isStopped) return;
    isTimed = true;
    endTimer = timers.after(DELAY_MS, () => {
      run().catch(tell);
    });
  }

  return {
    async due(path, sha256s) {
      waiting.set(path, sha256s);
      wake();
      // Who brings it has nothing to do with what fails here: it is tried again.
      if (waiting.size > MOST && !isStopped) await run().catch(tell);
    },
    async settle(path) {
      while (path === undefined ? waiting.size > 0 : waiting.has(path)) {
        if (isStopped) throw new Error('the server is stopping');
        await run();
      }
    },
    async stop() {
      isStopped = true;
      endTimer();
      await running?.catch(() => undefined);
    },
  };
}

/** Makes these contents durable in their places; one that is gone meanwhile was deleted. */
export async function settleMembers(disk: Disk, sha256s: ReadonlySet<string>, isStopped = () => false): Promise<void> {
  const folders = new Set<string>([disk.root]);
  await each([...sha256s], async (sha256) => {
    if (isStopped()) return;
    if (await syncFile(disk.blob(sha256))) folders.add(disk.folder(sha256));
  });
  if (!isStopped()) await each([...folders], syncFolder);
}
