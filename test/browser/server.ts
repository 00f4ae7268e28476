import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../packages/cli/bin/cambium.js', import.meta.url));
/** The first start builds what is missing, milliseconds. */
const PATIENCE = 180_000;

export interface RunningServer {
  url: string;
  /** Of user `admin`. */
  token: string;
  /** A request to the API as `admin`; its JSON. Throws when the answer is no success. */
  api<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
  stop(): Promise<void>;
}

/** A server of its own, as `npm start` runs it, on a free port and an empty folder: seeded as on a first visit. */
export async function startServer(): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), 'cambium-browser-'));
  const { ADMIN_TOKEN: _none, ...rest } = process.env;
  const child = spawn(process.execPath, [CLI, 'serve'], {
    env: { ...rest, PORT: '0', HOST: '127.0.0.1', DATA_DIR: folder, LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { url, token } = await firstLines(child);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  return {
    url,
    token,
    async api<T>(method: string, path: string, body?: unknown): Promise<T> {
      const response = await fetch(url + path, {
        method,
        headers: { Authorization: `Token ${token}`, 'Content-Type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return (text ? JSON.parse(text) : null) as T;
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Waits for the line that says ready and the one that carries the token of a first visit. */
function firstLines(child: ChildProcess): Promise<{ url: string; token: string }> {
  let output = '';
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => {
      child.kill('SIGKILL');
      reject(new Error(`the server did not start: ${reason}\n${output}`));
    };
    const timer = setTimeout(() => fail(`nothing within ${PATIENCE / 1000} s`), PATIENCE);
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const url = /cambium ready on (\S+)/.exec(output)?.[1];
      const token = /#token=(\S+)/.exec(output)?.[1];
      if (!url || !token) return;
      clearTimeout(timer);
      resolve({ url, token });
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => fail(`exit code ${code}`));
  });
}
