import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ENTRY, startKillable, TOKEN, type KillableServer } from './process.ts';
import { create, isStored, patch, sha256 } from './tus.ts';

let server: KillableServer;
beforeAll(async () => {
  server = await startKillable();
}, 60_000);
afterAll(() => server.remove());

it('a second server on one folder is refused, and disturbs no upload of the first', { timeout: 60_000 }, async () => {
  const bytes = randomBytes(20_000_000);
  const url = await create(server, bytes.length, { sha256: sha256(bytes) });
  const sending = patch(url, bytes);

  const env = { ...process.env, ADMIN_TOKEN: TOKEN, DATA_DIR: server.dataDir, PORT: '0', LOG_LEVEL: 'error' };
  const args = ['--conditions=source', '--import', 'tsx', ENTRY];
  const second = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, complaint, [code]] = await Promise.all([
    text(second.stdout),
    text(second.stderr),
    once(second, 'exit') as Promise<[number]>,
  ]);
  expect(code).not.toBe(0);
  expect(output).toBe('');
  expect(complaint).toContain('is in use by another running server');

  expect(await sending).toBe(204);
  expect(await isStored(server, url, bytes)).toBe(true);
});
