import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** How the command line finds the server that runs on a data folder, and proves that it may read that folder. */
export interface RunFile {
  /** Process id of the server. */
  pid: number;
  /** Where it listens on this machine. */
  url: string;
  /** Good for `/admin` as long as the server runs. */
  secret: string;
}

const schema = z.object({ pid: z.number(), url: z.string(), secret: z.string() });

const pathOf = (dataDir: string) => join(dataDir, 'run.json');

export function writeRunFile(dataDir: string, run: RunFile): void {
  const path = pathOf(dataDir);
  // A reader finds the old file or the new one, never half of one; a left-over of another mode is not written into.
  rmSync(`${path}.new`, { force: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(run)}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(`${path}.new`, path);
}

/** What the last server left, or null. The server need not run any more: only an answer of it says so. */
export function readRunFile(dataDir: string): RunFile | null {
  let text: string;
  try {
    text = readFileSync(pathOf(dataDir), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  return schema.parse(JSON.parse(text));
}

export function removeRunFile(dataDir: string): void {
  rmSync(pathOf(dataDir), { force: true });
}
