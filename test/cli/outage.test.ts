import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { cambium, COMMAND } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'cambium-outage-'));
const token = 'a-token-of-the-tests-for-outages';
let child: ChildProcess | undefined;

afterAll(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

async function serve(env: Record<string, string>): Promise<ChildProcess> {
  const { PATH, HOME } = process.env;
  const server = spawn(process.execPath, [COMMAND, 'serve'], {
    env: { PATH, HOME, LOG_LEVEL: 'error', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    server.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('cambium ready')) resolve();
    });
    server.once('exit', (code) => reject(new Error(`the server ended (${code})`)));
  });
  return server;
}

it('a push waits for a server that was killed, and ends only when all is there', { timeout: 120_000 }, async () => {
  const source = join(folder, 'source');
  mkdirSync(source);
  for (let i = 0; i < 60; i += 1) writeFileSync(join(source, `${i}.bin`), Buffer.alloc(400_000, i));
  const port = String(await freePort());
  const env = { DATA_DIR: join(folder, 'data'), PORT: port, ADMIN_TOKEN: token };
  child = await serve(env);
  const pushing = cambium(['push', source, '--json'], {
    env: { CAMBIUM_SERVER: `http://127.0.0.1:${port}`, CAMBIUM_TOKEN: token },
  });
  // As soon as the first file is there, in the middle of the others.
  const stored = async (): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/user/me`, {
      headers: { authorization: `Token ${token}` },
    });
    return ((await answer.json()) as { storage_used: number }).storage_used;
  };
  await expect.poll(stored, { timeout: 30_000, interval: 20 }).toBeGreaterThan(0);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  child = await serve(env);
  const { code, out, err } = await pushing;
  // It may say that it waits, and nothing else.
  expect(err.replaceAll(/^cambium: the server does not answer, .*\n/gm, '')).toBe('');
  expect(JSON.parse(out)).toMatchObject({ files: 60 });
  expect(code).toBe(0);
  expect((await cambium(['check'], { env })).code).toBe(0);
});
