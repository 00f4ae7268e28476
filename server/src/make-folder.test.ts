import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFolder } from './make-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'cambium-folder-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a folder', () => {
  it('is made with those above it, for its owner alone; what was made first is told', () => {
    const path = join(root, 'a', 'b', 'c');
    expect(makeFolder(path)).toBe(join(root, 'a'));
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(makeFolder(path)).toBeNull();
  });

  it('is not made where a file stands in the way', () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    for (const path of [file, join(file, 'below')]) expect(() => makeFolder(path)).toThrow(path);
  });
});

/** Where nothing can be made although the folder above is there: who tries that again and again never ends. */
const NOWHERE = '/proc/cambium';

/** What a start on these settings says, and how long it takes; in a process of its own, which can be ended. */
function start(env: Record<string, string>): { said: string; milliseconds: number } {
  const script = `
    import { readSettings } from './settings.ts';
    import { startServer } from './start.ts';
    const began = Date.now();
    const said = await startServer(readSettings(process.env, '/')).then(() => 'started', (error) => error.name + ': ' + error.message);
    console.log(JSON.stringify({ said, milliseconds: Date.now() - began }));
    process.exit();`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--conditions=source', '--input-type=module', '--eval', script],
    {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      env: { PATH: process.env['PATH'], PORT: '0', LOG_LEVEL: 'silent', ...env },
      timeout: 20_000,
      killSignal: 'SIGKILL',
      encoding: 'utf8',
    },
  );
  if (stdout === '') throw new Error(`it never ended: ${stderr}`);
  return JSON.parse(stdout) as { said: string; milliseconds: number };
}

describe.runIf(existsSync('/proc/self'))('a start', () => {
  const fine = join(root, 'fine');
  mkdirSync(fine);

  it.each([
    ['that cannot be made', NOWHERE, { DATA_DIR: NOWHERE }, 'DATA_DIR'],
    ['below one that cannot be made', join(NOWHERE, 'x'), { DATA_DIR: join(NOWHERE, 'x') }, 'DATA_DIR'],
    ['that cannot be written', '/proc/self', { DATA_DIR: '/proc/self' }, 'DATA_DIR'],
    ['of bytes that cannot be made', NOWHERE, { DATA_DIR: fine, STORAGE_URL: NOWHERE }, 'STORAGE_URL'],
    ['of the database that cannot be made', NOWHERE, { DATA_DIR: fine, DATABASE_URL: `${NOWHERE}/db` }, 'DATABASE_URL'],
  ])(
    'on a folder %s ends at once with one line that says what to do',
    (_what, folder, env, variable) => {
      const { said, milliseconds } = start(env as unknown as Record<string, string>);
      expect(said).toMatch(/^SettingsError: .+$/);
      expect(said).toContain(folder);
      expect(said).toContain(variable);
      expect(milliseconds).toBeLessThan(1_000);
    },
    30_000,
  );
});
