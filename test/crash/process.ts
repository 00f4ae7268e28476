import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The administrator's token of every server started here. */
export const TOKEN = '0c7a5f3e-token-of-the-crash-tests';
export const ENTRY = fileURLToPath(new URL('serve.ts', import.meta.url));

/** A server in a process of its own, on a folder and a port that outlive its crashes. */
export interface KillableServer {
  url: string;
  dataDir: string;
  /** SIGKILL: nothing is finished, nothing is flushed. */
  kill(): Promise<void>;
  /** Starts it again where it was. */
  start(): Promise<void>;
  /** Stops it where it is; `thaw` lets it go on. */
  freeze(): void;
  thaw(): void;
  /** `kill` without waiting, for a process that ends itself. */
  end(): void;
  /** Ends the process and removes the folder. */
  remove(): Promise<void>;
}

export async function startKillable(settings: Record<string, string> = {}): Promise<KillableServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'cambium-crash-'));
  let child: ChildProcess | null = null;
  let port = '0';
  const server: KillableServer = {
    url: '',
    dataDir,
    async kill() {
      if (child === null || child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      child = null;
    },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    end: () => void child?.kill('SIGKILL'),
    async start() {
      const env = {
        ...process.env,
        ADMIN_TOKEN: TOKEN,
        DATA_DIR: dataDir,
        PORT: port,
        LOG_LEVEL: 'error',
        ...settings,
      };
      const args = ['--conditions=source', '--import', 'tsx', ENTRY];
      child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
      server.url = await readyLine(child);
      port = new URL(server.url).port;
    },
    async remove() {
      await server.kill();
      await rm(dataDir, { recursive: true });
    },
  };
  await server.start();
  return server;
}

async function readyLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('the output of the server is not read');
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^ready (\S+)$/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('the server ended before it was ready');
}
