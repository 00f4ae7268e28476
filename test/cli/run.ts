import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The script behind `npx cambium`. */
export const COMMAND = join(
  dirname(fileURLToPath(import.meta.url)),
  '..',
  '..',
  'packages',
  'cli',
  'bin',
  'cambium.js',
);

export interface Run {
  code: number | null;
  out: string;
  err: string;
}

/** Runs one command line in a process of its own, without the environment's own settings. */
export function cambium(args: string[], options: { env?: Record<string, string>; cwd?: string } = {}): Promise<Run> {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, LOG_LEVEL: 'error', ...options.env };
  const child = spawn(process.execPath, [COMMAND, ...args], {
    env,
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}
