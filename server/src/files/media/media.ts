import { rm } from 'node:fs/promises';
import type { FilesDeps } from '../deps.ts';
import { sizeOf, type Disk } from '../disk.ts';
import { DERIVATIVE_SIZES, isMediaType, type DerivativeSize, type MediaFacts } from './facts.ts';
import { startHelper, type Helper } from './helper.ts';
import type { Recognized } from './recognize.ts';

/** Contents remembered as waiting for a look; beyond it they are found again in the database. */
const MAX_WAITING = 10_000;
const PAGE = 200;

/** A smaller JPEG of a picture, to be served like a file: `root` and `path` below it. */
export interface Derivative {
  root: string;
  path: string;
  /** Bytes. */
  size: number;
  mimeType: 'image/jpeg';
}

/**
 * What is known of pictures, sounds and films beside their bytes. Looking at a file is the work of another process,
 * one file at a time: a file that crashes, stalls or bloats its reader costs that process and nothing else.
 */
export interface Media {
  /**
   * What was found in the stored bytes. Null when they were not looked at yet, or are of another sort; `wait` (ms) is
   * how long to wait for a look that is due.
   */
  of(sha256: string, wait?: number): Promise<MediaFacts | null>;
  /** All that the stored bytes say of themselves (`Description`), as JSON; null when they cannot be read. */
  describe(sha256: string): Promise<string | null>;
  /** What sort of file lies there, stored or not; null when it cannot be told. */
  recognize(path: string): Promise<Recognized | null>;
  /** The picture in another size, made when it is first asked for; null when there is none to be had. */
  derivative(sha256: string, size: DerivativeSize): Promise<Derivative | null>;
  /** These bytes were stored just now: they are looked at when their turn comes. */
  look(sha256: string): void;
  /** The bytes are gone, and so is what was made of them. */
  forget(sha256: string): Promise<void>;
  /** Resolves when everything that was due has been looked at. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts with what a former run did not come to look at. */
export function openMedia(files: FilesDeps, disk: Disk, helper: Helper = startHelper(files)): Media {
  const waiting = new Set<string>();
  const made = new Map<string, Promise<boolean>>();
  const heard = new Map<string, Set<() => void>>();
  /** File rows above this pk may have been missed; null when none was. */
  let missedAfter: number | null = 0;
  let isStopped = false;
  let running: Promise<void> | null = null;

  const read = async (sha256: string): Promise<MediaFacts | null> => {
    const row = await files.readDb.selectFrom('media').selectAll().where('sha256', '=', sha256).executeTakeFirst();
    if (!row) return null;
    return {
      kind: row.kind as MediaFacts['kind'],
      width: row.width,
      height: row.height,
      duration: row.duration,
      thumbhash: row.thumbhash,
    };
  };

  /** Contents of media files that have no row yet, a page at a time. */
  async function findMissed(): Promise<void> {
    if (missedAfter === null) return;
    const rows = await files.readDb
      .selectFrom('file')
      .leftJoin('media', 'media.sha256', 'file.sha256')
      .select(['file.pk', 'file.sha256', 'file.mime_type', 'media.sha256 as known'])
      .where('file.uploaded', '=', 1)
      .where('file.pk', '>', missedAfter)
      .orderBy('file.pk')
      .limit(PAGE)
      .execute();
    missedAfter = rows.length < PAGE ? null : (rows.at(-1)?.pk ?? null);
    for (const { sha256, known, mime_type } of rows) {
      if (sha256 !== null && known === null && isMediaType(mime_type)) waiting.add(sha256);
    }
  }

  async function run(): Promise<void> {
    while (!isStopped) {
      if (waiting.size === 0) {
        if (missedAfter === null) return;
        await findMissed();
        continue;
      }
      const [sha256] = waiting;
      if (sha256 === undefined) return;
      await examine(sha256);
      waiting.delete(sha256);
      for (const tell of heard.get(sha256) ?? []) tell();
      heard.delete(sha256);
    }
  }

  async function examine(sha256: string): Promise<void> {
    if ((await sizeOf(disk.blob(sha256))) === null || (await read(sha256)) !== null) return;
    const facts = await helper.examine(disk.blob(sha256));
    if (isStopped) return;
    await files.command('media.note', { sha256, ...(facts ?? UNREADABLE) });
  }

  function wake(): void {
    if (isStopped || running) return;
    running = run()
      .catch((error: unknown) => files.log.error({ err: error }, 'looking at media failed'))
      .finally(() => {
        running = null;
      });
  }

  function whenHeard(sha256: string, wait: number): Promise<void> {
    return new Promise((resolve) => {
      const tell = () => {
        cancel();
        resolve();
      };
      const cancel = files.timers.after(wait, () => {
        heard.get(sha256)?.delete(tell);
        resolve();
      });
      const all = heard.get(sha256) ?? new Set();
      heard.set(sha256, all.add(tell));
    });
  }

  const nameOf = (sha256: string, size: DerivativeSize) => `derived/${sha256.slice(0, 2)}/${sha256}-${size}.jpg`;

  wake();
  return {
    async of(sha256, wait = 0) {
      if (wait > 0 && waiting.has(sha256)) await whenHeard(sha256, wait);
      return await read(sha256);
    },
    describe: (sha256) => helper.describe(disk.blob(sha256)),
    recognize: (path) => helper.recognize(path),
    async derivative(sha256, size) {
      const path = nameOf(sha256, size);
      const target = `${disk.root}/${path}`;
      const found = await sizeOf(target);
      if (found !== null) return { root: disk.root, path, size: found, mimeType: 'image/jpeg' };
      const known = await read(sha256);
      if (known && known.kind !== 'image') return null;
      if ((await sizeOf(disk.blob(sha256))) === null) return null;
      // Two requests for one picture wait for the same work.
      const work = made.get(target) ?? helper.derive(disk.blob(sha256), target, size);
      made.set(target, work);
      const isMade = await work.finally(() => made.delete(target));
      const bytes = isMade ? await sizeOf(target) : null;
      return bytes === null ? null : { root: disk.root, path, size: bytes, mimeType: 'image/jpeg' };
    },
    look(sha256) {
      if (waiting.size < MAX_WAITING) waiting.add(sha256);
      else missedAfter ??= 0;
      wake();
    },
    async forget(sha256) {
      waiting.delete(sha256);
      for (const size of Object.keys(DERIVATIVE_SIZES) as DerivativeSize[]) {
        await rm(`${disk.root}/${nameOf(sha256, size)}`, { force: true });
      }
    },
    async settled() {
      while (running) await running;
    },
    async stop() {
      isStopped = true;
      await helper.stop();
      await running;
    },
  };
}

/** What is kept of a file that nobody could read: it is not tried again. */
const UNREADABLE: MediaFacts = { kind: 'unreadable', width: null, height: null, duration: null, thumbhash: null };
