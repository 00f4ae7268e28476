import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from './fail.ts';

/** A server of our own in a process of its own, on a folder that goes with it. */
export interface OwnServer {
  url: string;
  token: string;
  dataDir: string;
  /** Sends the signal and waits for the end. */
  end(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Ends it and removes its folder. */
  dispose(): Promise<void>;
}

const command = join(dirname(fileURLToPath(import.meta.url)), '..', 'bin', 'cambium.js');

/**
 * Starts `cambium serve` on a temporary folder and a free port.
 * @throws Failure with the server's last words when it ends before it is ready
 */
export async function startOwnServer(
  options: { dataDir?: string; port?: number; token?: string } = {},
): Promise<OwnServer> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'cambium-'));
  const token = options.token ?? randomBytes(20).toString('hex');
  const env = {
    ...process.env,
    HOST: '127.0.0.1',
    PORT: String(options.port ?? 0),
    DATA_DIR: dataDir,
    ADMIN_TOKEN: token,
    LOG_LEVEL: 'error',
  };
  const child = spawn(process.execPath, [command, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const end = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  const url = await readyLine(child);
  return {
    url,
    token,
    dataDir,
    end,
    dispose: async () => {
      await end();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function readyLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (chunk: Buffer): void => {
      said = (said + chunk.toString()).slice(-10_000);
      const ready = /cambium ready on (\S+)/.exec(said);
      if (ready) resolve(ready[1] as string);
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      reject(
        new Failure(
          `the server ended before it was ready (${code ?? signal}): ${said.trim().split('\n').at(-1) ?? ''}`,
        ),
      ),
    );
  });
}
