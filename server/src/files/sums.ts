import type { Id } from '@cambium/protocol';
import type { FilesDeps } from './deps.ts';
import type { Disk } from './disk.ts';
import { hashFile } from './hasher.ts';
import type { Digest } from './notes.ts';
import { ThreadHasher } from './threads.ts';

/**
 * The MD5 of large bytes for which their sender announced none. It is made from the disk after they are stored, one
 * content at a time: until then the file is `uploaded` with its SHA-256, and its `checksum` is empty.
 */
export interface Sums {
  /** These bytes were stored without an MD5. */
  due(sha256: string): void;
  /** Breaks off: the rest is made at the next start. */
  stop(): Promise<void>;
}

/** Gives the file, and those that wait for the same bytes, what is stored. */
type Share = (file: Id, digest: Digest, size: number) => Promise<unknown>;

/** Starts with what a former run did not come to. */
export function openSums(files: FilesDeps, disk: Disk, share: Share): Sums {
  const waiting = new Set<string>();
  const stopped = new AbortController();
  let running: Promise<void> | null = null;

  async function findMissed(): Promise<void> {
    const rows = await files.readDb
      .selectFrom('file')
      .select('sha256')
      .distinct()
      .where('checksum', '=', '')
      .where('uploaded', '=', 1)
      .execute();
    for (const { sha256 } of rows) if (sha256 !== null) waiting.add(sha256);
  }

  async function run(): Promise<void> {
    for (const sha256 of waiting) {
      await sum(sha256).catch((error: unknown) => {
        if (!stopped.signal.aborted) files.log.error({ err: error }, 'an MD5 could not be made');
      });
      if (stopped.signal.aborted) return;
      waiting.delete(sha256);
    }
  }

  async function sum(sha256: string): Promise<void> {
    const hasher = await hashFile(disk.blob(sha256), new ThreadHasher(['md5']), Infinity, stopped.signal);
    const { md5 } = await hasher.digest();
    const { summed } = await files.command('blob.sum', { sha256, md5 });
    // Files that announced this MD5 alone could not be told from others before.
    for (const file of summed) await share(file, { md5, sha256 }, hasher.position);
  }

  function start(work: () => Promise<void>): void {
    running = work()
      .catch((error: unknown) => files.log.error({ err: error }, 'looking for missing MD5s failed'))
      .finally(() => {
        running = null;
        if (waiting.size > 0 && !stopped.signal.aborted) start(run);
      });
  }

  start(findMissed);
  return {
    due(sha256) {
      waiting.add(sha256);
      if (running === null && !stopped.signal.aborted) start(run);
    },
    async stop() {
      stopped.abort();
      await running;
    },
  };
}
