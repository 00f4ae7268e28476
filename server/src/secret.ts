import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { RandomBytes } from '@cambium/protocol';

/** The secret of a data folder: made on the first start, readable by its owner alone. */
export function keptSecret(dataDir: string, random: RandomBytes): string {
  const path = join(dataDir, 'secret');
  const made = Buffer.from(random(32)).toString('base64url');
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    if (!isExisting(error)) throw error;
    const kept = readFileSync(path, 'utf8').trim();
    if (kept.length < 20) throw new Error(`${path} is damaged: delete it to have a new secret made`, { cause: error });
    return kept;
  }
  writeSync(file, `${made}\n`);
  fsyncSync(file);
  closeSync(file);
  return made;
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}
