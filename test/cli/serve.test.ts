import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { cambium, COMMAND } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'cambium-serve-'));
const env = { DATA_DIR: join(folder, 'data'), PORT: '0' };

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  ['an unknown flag', ['serve', '--nonsense'], {}],
  ['a malformed port', ['serve', '--port', 'x'], {}],
  ['a malformed variable', ['serve'], { BLOB_GRACE: 'soon' }],
  ['a database that is not built yet', ['serve'], { DATABASE_URL: 'postgres://localhost/x' }],
  ['a store that is not built yet', ['serve'], { STORAGE_URL: 's3://bucket' }],
  ['an unknown command', ['nonsense'], {}],
  ['a short admin token', ['serve'], { ADMIN_TOKEN: 'short' }],
])('%s stops the start with exit code 2', { timeout: 60_000 }, async (_what, args, more: Record<string, string>) => {
  const { code, err } = await cambium(args, { env: { ...env, ...more } });
  expect(code).toBe(2);
  expect(err.trim().split('\n').length).toBeLessThanOrEqual(2);
});

it('serves, says where the page opens, lets no second one in, and ends with 0', { timeout: 60_000 }, async () => {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [COMMAND, 'serve'], {
    env: { PATH, HOME, LOG_LEVEL: 'error', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  await expect
    .poll(() => out, { timeout: 20_000 })
    .toMatch(/^cambium ready on http:\/\/127\.0\.0\.1:\d+\nopen http:\/\/127\.0\.0\.1:\d+\/#token=\S+\n$/);
  const second = await cambium(['serve'], { env });
  expect(second.code).toBe(2);
  expect(second.err.trim().split('\n')).toHaveLength(1);

  const user = JSON.parse((await cambium(['user', 'add', 'ada', '--json'], { env })).out) as { token: string };
  const url = /ready on (\S+)/.exec(out)?.[1] as string;
  const me = async (): Promise<number> =>
    (await fetch(`${url}/api/user/me`, { headers: { authorization: `Token ${user.token}` } })).status;
  expect(await me()).toBe(200);
  expect((await cambium(['token', 'revoke', user.token], { env })).code).toBe(0);
  expect(await me()).toBe(401);
  expect((await cambium(['check'], { env })).code).toBe(0);

  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  // And on the folder alone.
  expect((await cambium(['check'], { env })).code).toBe(0);
  expect((await cambium(['user', 'list'], { env })).out).toMatch(/ada/);
});
