import { chmod, link, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const READ_ONLY = 0o444;

/** The folder of the bytes: `incoming/` while they arrive, `ab/cd/<sha256>` once they are verified. */
export interface Disk {
  root: string;
  /** Where the bytes of an upload lie while they arrive. */
  incoming(name: string): string;
  blob(sha256: string): string;
  /** The place of the blob below `root`. */
  blobName(sha256: string): string;
  /** Makes an empty file of its own that survives power loss, name included. */
  create(name: string): Promise<void>;
  /**
   * Gives verified bytes their final place; when that is done, it is durable. `path` stays and is the caller's to
   * remove: it is the way back until the database knows of the blob.
   */
  place(path: string, sha256: string, size: number): Promise<void>;
  /** The same for many, cheaper: bytes that lie nowhere yet get durable names in `incoming/` and their final place. */
  placeAll(contents: readonly Content[]): Promise<string[]>;
  remove(path: string): Promise<void>;
}

/** Verified bytes in memory. */
export interface Content {
  sha256: string;
  bytes: Uint8Array;
}

export async function openDisk(root: string): Promise<Disk> {
  const incoming = (name: string) => join(root, 'incoming', name);
  const blobName = (sha256: string) => `${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;
  const blob = (sha256: string) => join(root, blobName(sha256));
  await makeFolder(join(root, 'incoming'));

  return {
    root,
    incoming,
    blob,
    blobName,
    async create(name) {
      const file = await open(incoming(name), 'wx');
      await file.sync();
      await file.close();
      await syncFolder(dirname(incoming(name)));
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
