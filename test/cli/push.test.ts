import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, readSettings, type RunningServer } from '@cambium/server';
import { cambium } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'cambium-push-'));
const source = join(folder, 'source');
const token = 'a-token-of-the-tests-for-push';
let server: RunningServer;

const FILES: Record<string, string | Buffer> = {
  'plain.txt': 'hello',
  'empty.bin': '',
  'no ending': 'x',
  'ünï/日本 – “quoted” & <odd>.md': 'names',
  'deep/er/and/deeper/file.tar.gz': Buffer.alloc(300_000, 7),
  'movie.mp4': Buffer.alloc(700_000, 1),
  'same.txt': 'hello',
};

function digests(root: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (name.startsWith('.cambium') || statSync(join(root, name)).isDirectory()) continue;
    found[name] = createHash('sha256')
      .update(readFileSync(join(root, name)))
      .digest('hex');
  }
  return found;
}

beforeAll(async () => {
  for (const [path, bytes] of Object.entries(FILES)) {
    mkdirSync(dirname(join(source, path)), { recursive: true });
    writeFileSync(join(source, path), bytes);
  }
  server = await startServer(
    readSettings({ DATA_DIR: join(folder, 'data'), PORT: '0', ADMIN_TOKEN: token, LOG_LEVEL: 'error' }, folder),
  );
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

it(
  'a folder goes up, comes down with identical bytes, and goes up again with nothing to send',
  { timeout: 90_000 },
  async () => {
    const env = { CAMBIUM_SERVER: server.url, CAMBIUM_TOKEN: token };
    const first = await cambium(['push', source, '--json'], { env });
    expect(first.err).toBe('');
    const { channel, files, sent } = JSON.parse(first.out) as { channel: string; files: number; sent: number };
    expect([files, sent]).toEqual([Object.keys(FILES).length, Object.keys(FILES).length]);

    const pulled = await cambium(['pull', channel, join(folder, 'copy')], { env });
    expect(pulled.err).toBe('');
    expect(digests(join(folder, 'copy'))).toEqual(digests(source));

    expect(JSON.parse((await cambium(['push', source, '--json'], { env })).out)).toMatchObject({ channel, sent: 0 });
    writeFileSync(join(source, 'plain.txt'), 'changed');
    expect(JSON.parse((await cambium(['push', source, '--json'], { env })).out)).toMatchObject({ channel, sent: 1 });
    await cambium(['pull', channel, join(folder, 'again')], { env });
    expect(digests(join(folder, 'again'))).toEqual(digests(source));
    expect((await cambium(['check'], { env: { DATA_DIR: join(folder, 'data') } })).code).toBe(0);
  },
);
