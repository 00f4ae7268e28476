import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { cambium, COMMAND } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'cambium-wrong-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Nothing listens there. */
const NOBODY = 'http://127.0.0.1:1';
const env = { CAMBIUM_TOKEN: 'a-token-of-the-tests-of-errors', DATA_DIR: folder };

test.each([
  ['an address that is none of the web', ['push', folder, '--server', 'ftp://127.0.0.1'], {}],
  ['no token', ['push', folder, '--server', NOBODY], { CAMBIUM_TOKEN: '' }],
  ['a folder that is not there', ['backup', join(folder, 'none', 'file.tar')], {}],
  ['a number that is none', ['compact', '--keep', 'x'], {}],
])('%s: one line, exit code 2', async (_what, args, more) => {
  expect((await cambium(['user', 'add', `u${Math.random()}`], { env })).code).toBe(0);
  const { code, err, out } = await cambium(args, { env: { ...env, ...more } });
  expect([code, out, err.trimEnd().split('\n').length]).toEqual([2, '', 1]);
});

test.each(['serve', 'check'])('%s says in one line that the database is damaged', async (command) => {
  const damaged = mkdtempSync(join(folder, 'damaged-'));
  writeFileSync(join(damaged, 'cambium.db'), 'no database, but as long as the head of one '.repeat(9));
  const { code, err } = await cambium([command], { env: { DATA_DIR: damaged, PORT: '0' } });
  expect([code, err.trimEnd().split('\n').length]).toEqual([1, 1]);
  expect(err).toContain('the database cannot be used');
});

test('a seed of its own is told once, and not in the help', async () => {
  const { out } = await cambium(['replay', '--help']);
  expect(out.match(/of the random moments[^-]*/)?.[0].match(/default/g)).toHaveLength(1);
});

test('who waits for a server is told so', async () => {
  const child = spawn(process.execPath, [COMMAND, 'push', folder, '--server', NOBODY], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const said = await new Promise((resolve) => child.stderr.once('data', (text: Buffer) => resolve(String(text))));
  child.kill();
  await ended;
  expect(said).toBe('cambium: the server does not answer, trying for 2 minutes\n');
});
