import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder with those above it, for its owner alone: what lies in it belongs to many users and to nobody else on
 * this machine. Node's own `recursive` never comes back where a folder is there and yet takes none, such as `/proc`.
 *
 * @returns the first that was made, or null when all were there
 * @throws the system's error, which names the folder, when it cannot be made or written into
 */
export function makeFolder(folder: string): string | null {
  const first = make(folder);
  accessSync(folder, constants.W_OK | constants.X_OK);
  return first;
}

function make(folder: string): string | null {
  if (isFolder(folder)) return null;
  const above = dirname(folder);
  const first = existsSync(above) ? null : make(above);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Somebody else made it in the same moment.
    if (isFolder(folder)) return first;
    throw error;
  }
  return first ?? folder;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
