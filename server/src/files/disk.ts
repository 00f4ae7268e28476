import { chmod, link, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Refusal } from '@cambium/protocol';

/** Mode of bytes that are never written again. */
export const READ_ONLY = 0o444;
/** Files worked on at once: more than Node has threads for it brings nothing. */
const AT_ONCE = 8;

/** Name of bytes in `incoming/` that belong to one request and are worthless after it. */
export const PUT_PREFIX = 'put-';

/** The folder of the bytes: `incoming/` while they arrive, `ab/<sha256>` once they are verified. */
export interface Disk {
  root: string;
  /** Where the bytes of an upload lie while they arrive. */
  incoming(name: string): string;
  blob(sha256: string): string;
  /** The folder that the blob lies in. */
  folder(sha256: string): string;
  /** The place of the blob below `root`. */
  blobName(sha256: string): string;
  /** Makes an empty file of its own that survives power loss, name included. */
  create(name: string): Promise<void>;
  /**
   * Gives verified bytes their final place; when that is done, it is durable. `path` stays and is the caller's to
   * remove: it is the way back until the database knows of the blob.
   */
  place(path: string, sha256: string, size: number): Promise<void>;
  remove(path: string): Promise<void>;
}

/** The place of a blob below the folder of the bytes. */
export function blobName(sha256: string): string {
  return `${sha256.slice(0, 2)}/${sha256}`;
}

export async function openDisk(root: string): Promise<Disk> {
  const incoming = (name: string) => join(root, 'incoming', name);
  const blob = (sha256: string) => join(root, blobName(sha256));
  await makeFolder(join(root, 'incoming'));

  return {
    root,
    incoming,
    blob,
    folder: (sha256) => dirname(blob(sha256)),
    blobName,
    async create(name) {
      const file = await open(incoming(name), 'wx');
      try {
        // At once, so that a journal can take both in one go.
        await Promise.all([file.sync(), syncFolder(dirname(incoming(name)))]);
      } finally {
        await file.close();
      }
    },
    async place(path, sha256, size) {
      const final = blob(sha256);
      if ((await sizeOf(final)) === size) return;
      await makeFolder(dirname(final));
      await chmod(path, READ_ONLY);
      // Wrong bytes under this name can only be left by a damaged disk; the verified ones take their place.
      await rm(final, { force: true });
      await link(path, final);
      await syncFolder(dirname(final));
    },
    remove: (path) => rm(path, { force: true }),
  };
}

/** A full disk is nothing that the sender did, and it passes: told as `busy`. Any other error stays what it is. */
export function explainFull(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (!(error instanceof Error) || (code !== 'ENOSPC' && code !== 'EDQUOT')) return error;
  return new Refusal('busy', { message: 'The server has no room for these bytes at the moment.' });
}

/** Does it with all, several at a time; throws the first error after all that began have ended. */
export async function each<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = all.values();
  const walk = async () => {
    for (const one of left) await work(one);
  };
  const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, walk));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** Makes the bytes of a file durable; false when there is none. */
export async function syncFile(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'r');
    try {
      await file.datasync();
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Bytes of a file, or null when there is none. */
export async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Names that the bytes of a file have on the disk; 0 when there is none. */
export async function linksOf(path: string): Promise<number> {
  try {
    return (await stat(path)).nlink;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

/** Makes a folder and those above it, each durable in the one that holds it. */
async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

/** A file's name is as durable as the folder it stands in. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
