import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cambium, COMMAND } from './run.ts';

const token = 'the-token-of-the-tests-of-stopping';
let folder: string;
let child: ChildProcess;
let url: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cambium-stop-'));
  const { PATH, HOME } = process.env;
  child = spawn(process.execPath, [COMMAND, 'serve'], {
    env: { PATH, HOME, DATA_DIR: folder, PORT: '0', ADMIN_TOKEN: token, LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  await expect.poll(() => out, { timeout: 20_000 }).toMatch(/ready/);
  url = /ready on (\S+)/.exec(out)?.[1] as string;
}, 30_000);

afterEach(() => {
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Whether an answer comes is of no interest: who stops cuts connections that take long. */
const makeChannel = (name: string) =>
  void fetch(`${url}/api/channel`, {
    method: 'POST',
    headers: { authorization: `Token ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  }).catch(() => undefined);

/** Another process that writes keeps the writer waiting, five seconds at most for each transaction. */
function holdDatabase(): () => void {
  const db = new Sqlite(join(folder, 'cambium.db'));
  db.exec('BEGIN IMMEDIATE');
  return () => db.close();
}

it('who stops waits for what is being written, and says so', { timeout: 60_000 }, async () => {
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  child.stdout?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const ended = once(child, 'exit');
  const release = holdDatabase();
  makeChannel('first');
  await wait(300);
  makeChannel('second');
  await wait(300);
  // The terminal sends it, and npm passes it on.
  child.kill('SIGTERM');
  await wait(100);
  child.kill('SIGTERM');
  await wait(6_500);
  expect(child.exitCode).toBeNull();
  release();
  expect(await ended).toEqual([0, null]);
  expect(log).toMatch(/waits for what is being written/);

  const db = new Sqlite(join(folder, 'cambium.db'), { readonly: true });
  expect(db.prepare('SELECT name FROM channel').pluck().all()).toEqual(['second']);
  db.close();
  expect((await cambium(['check'], { env: { DATA_DIR: folder } })).code).toBe(0);
});

it('a second signal ends it at once', { timeout: 60_000 }, async () => {
  const ended = once(child, 'exit');
  const release = holdDatabase();
  makeChannel('never');
  await wait(300);
  child.kill('SIGTERM');
  await wait(1_500);
  expect(child.exitCode).toBeNull();
  const began = Date.now();
  child.kill('SIGTERM');
  expect(await ended).toEqual([null, 'SIGTERM']);
  expect(Date.now() - began).toBeLessThan(1_000);
  release();
  expect((await cambium(['check'], { env: { DATA_DIR: folder } })).code).toBe(0);
});
