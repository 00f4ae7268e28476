import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from './fail.ts';

/** Which server a command talks to, and as whom. */
export interface Target {
  server: string;
  token: string;
}

export interface TargetOptions {
  server?: string;
  token?: string;
}

export function withTarget(command: Command): Command {
  return command
    .option(
      '--server <url>',
      'the server (default: CAMBIUM_SERVER, else the one that runs on DATA_DIR, else HOST and PORT)',
    )
    .option('--token <token>', 'the token of the user (default: CAMBIUM_TOKEN, else ADMIN_TOKEN)');
}

/** @throws UsageError when no token is known */
export function findTarget(options: TargetOptions): Target {
  const { env } = process;
  const token = options.token ?? env['CAMBIUM_TOKEN'] ?? env['ADMIN_TOKEN'];
  if (token === undefined || token === '')
    throw new UsageError('no token: give --token, or set CAMBIUM_TOKEN (`cambium token create USER` makes one)');
  const server =
    options.server ??
    env['CAMBIUM_SERVER'] ??
    running() ??
    `http://${env['HOST'] ?? '127.0.0.1'}:${env['PORT'] ?? '8787'}`;
  if (!URL.canParse(server) || !/^https?:$/.test(new URL(server).protocol))
    throw new UsageError(`not an http or https address: ${server}`);
  return { server: server.replace(/\/+$/, ''), token };
}

/** The address of the server that runs on DATA_DIR, as it noted it there; null when none runs. */
function running(): string | null {
  try {
    const run = JSON.parse(readFileSync(join(resolve(process.env['DATA_DIR'] ?? 'data'), 'run.json'), 'utf8')) as {
      url?: string;
    };
    return run.url ?? null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
