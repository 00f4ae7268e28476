import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readSettings, realWorld, startServer } from '@cambium/server';
import { cambium } from './run.ts';

it('compacts a folder, its server running or not, and only what is old enough', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cambium-compact-'));
  let now = Date.now() - 3_600_000;
  const settings = readSettings({ PORT: '0', DATA_DIR: folder, LOG_LEVEL: 'error' }, folder);
  const world = { ...realWorld('error'), clock: { now: () => now } };
  const compact = async (...flags: string[]) => {
    const { code, out, err } = await cambium(['compact', '--data-dir', folder, '--json', ...flags]);
    expect([code, err]).toEqual([0, '']);
    return JSON.parse(out) as { channels: number; entries: number };
  };
  try {
    // Its first start makes a small course an hour ago.
    const server = await startServer(settings, { writer: 'inline', world });
    now += 1_800_000;
    expect(await compact()).toEqual({ channels: 0, entries: 0 });
    expect(await compact('--keep', '3000')).toEqual({ channels: 0, entries: 0 });
    await server.stop();
    const { channels, entries } = await compact('--keep', '3000');
    expect(channels).toBe(1);
    expect(entries).toBeGreaterThan(3);
    expect(await compact('--keep', '0')).toEqual({ channels: 0, entries: 0 });
    expect(await cambium(['check', '--data-dir', folder])).toMatchObject({ code: 0, out: 'everything holds\n' });
    expect(await cambium(['compact', '--data-dir', folder, '--keep', 'soon'])).toMatchObject({ code: 2 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
