import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** Direct writes begin and end at multiples of this, in the file and in memory. */
const ALIGNED = 4_096;

/**
 * Opens an existing file past the page cache: large bytes reach the disk as they come, so that making them durable is
 * no wait at the end, and nothing that is read often is driven out of memory. Null where the file system has no such
 * thing.
 */
export async function openDirect(path: string): Promise<FileHandle | null> {
  // Undefined where the system has none.
  const flag: number | undefined = constants.O_DIRECT;
  if (flag === undefined) return null;
  try {
    return await open(path, constants.O_RDWR | flag);
  } catch (error) {
    if (isUnsupported(error)) return null;
    throw error;
  }
}

export function isAligned(position: number, length: number): boolean {
  return position % ALIGNED === 0 && length % ALIGNED === 0;
}

/** The file system refuses direct access, or wants other boundaries. */
export function isUnsupported(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EINVAL' || code === 'ENOTSUP' || code === 'EOPNOTSUPP';
}
