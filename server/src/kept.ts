import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';

/** Writes a file that only its owner may read, durably. Throws EEXIST when there is one. */
export function keep(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  writeSync(file, `${text}\n`);
  fsyncSync(file);
  closeSync(file);
}

/** What was kept there, or null. */
export function kept(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
