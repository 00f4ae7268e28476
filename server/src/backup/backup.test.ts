import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Id, JsonObject } from '@cambium/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkFolder } from '../check.ts';
import { openDatabase } from '../database/open.ts';
import { openDisk } from '../files/disk.ts';
import { ADMIN_TOKEN, Api, startTestServer, type TestServer } from '../http/testing/harness.ts';
import { readSettings, type Settings } from '../settings.ts';
import { startServer } from '../start.ts';
import { upload } from '../testing/upload.ts';
import { realWorld } from '../world.ts';
import { backupFolder } from './backup.ts';
import { restoreFolder } from './restore.ts';

let server: TestServer;
let folder: string;
let file: string;
const world = realWorld('silent');

beforeEach(async () => {
  server = await startTestServer();
  folder = await mkdtemp(join(tmpdir(), 'cambium-backup-'));
  file = join(folder, 'all.backup');
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

function empty(name = 'restored'): Settings {
  const dataDir = join(folder, name);
  return readSettings({ PORT: '0', DATA_DIR: dataDir, ADMIN_TOKEN, LOG_LEVEL: 'silent' }, folder);
}

async function fill(): Promise<{ channel: Id; fileId: Id; url: string }> {
  const { admin } = server;
  const { id: channel } = await admin.channel(['A', 'B']);
  const fileId = await upload(admin, Buffer.from('the bytes of a file'));
  await upload(admin, Buffer.from('other bytes'));
  const [row] = JSON.parse((await admin.get(`/api/file?id=${fileId}`)).text) as { url: string }[];
  return { channel, fileId, url: (row as { url: string }).url };
}

const titles = async (api: Api, channel: Id) => {
  const { results } = (await api.get(`/api/contentnode?parent=${channel}`)).json as { results: JsonObject[] };
  return results.map(({ title }) => title);
};

test('a backup of a running server, restored, serves the same tree and bytes under a new server_id', async () => {
  const { channel, url } = await fill();
  const before = await server.admin.sync([]);
  const report = await backupFolder(server.settings, file);
  expect(report.blobs).toBe(2);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['all.backup']);

  // What comes after the backup is not in it.
  await server.admin.sync([
    { type: 'UPDATED', table: 'channel', key: channel, channel_id: channel, mods: { name: 'Later' } },
  ]);
  const settings = empty();
  expect(await restoreFolder(settings, file, world)).toEqual(report);
  expect(await checkFolder(settings)).toEqual([]);

  const restored = await startServer(settings, { writer: 'inline' });
  try {
    const api = new Api(restored.url, ADMIN_TOKEN);
    expect(await titles(api, channel)).toEqual(['A', 'B']);
    expect((await api.get(`/api/channel/${channel}`)).json['name']).toBe('Channel');
    const bytes = await fetch(restored.url + new URL(url).pathname);
    expect([bytes.status, await bytes.text()]).toEqual([200, 'the bytes of a file']);
    const known = { client_id: server.admin.clientId, server_id: before['server_id'] as string };
    const changed = await api.post('/api/sync', known);
    expect([changed.status, (changed.json['error'] as JsonObject)['code']]).toEqual([409, 'server_changed']);
    expect((await api.post('/api/sync', { client_id: known.client_id })).json['last_rev']).toBe(before['last_rev']);
  } finally {
    await restored.stop();
  }
});

test('writers go on while a backup is made, and it is one state', async () => {
  const { channel } = await fill();
  const backups = [0, 1, 2].map((n) => backupFolder(server.settings, `${file}${n}`));
  const writing = (async () => {
    for (let n = 0; n < 30; n += 1) {
      await server.admin.sync([
        {
          type: 'CREATED',
          table: 'contentnode',
          key: `${n}`.padStart(32, '0'),
          channel_id: channel,
          obj: { parent: channel, kind: 'topic', title: `T${n}` },
        },
      ]);
    }
  })();
  await Promise.all([...backups, writing]);
  for (const n of [0, 1, 2]) {
    const settings = empty(`restored${n}`);
    await restoreFolder(settings, `${file}${n}`, world);
    expect(await checkFolder(settings)).toEqual([]);
  }
});

test('an upload that is not finished is not restored', async () => {
  const started = await server.admin.call('POST', '/api/upload', new Uint8Array(0), {
    'tus-resumable': '1.0.0',
    'upload-length': '10',
  });
  expect(started.status).toBe(201);
  await backupFolder(server.settings, file);
  const settings = empty();
  await restoreFolder(settings, file, world);
  const { raw, close } = openDatabase(settings.databaseFile);
  expect(raw.prepare('SELECT count(*) AS n FROM upload').get()).toEqual({ n: 0 });
  close();
});

test('only an empty folder is restored into', async () => {
  await backupFolder(server.settings, file);
  await expect(restoreFolder(server.settings, file, world)).rejects.toThrow('is not empty');
  await expect(restoreFolder(empty(), join(folder, 'none'), world)).rejects.toThrow('there is no');
  expect(existsSync(join(folder, 'restored'))).toBe(false);
});

test('a file that was cut, altered or is something else is refused, and the folder stays empty', async () => {
  await fill();
  await backupFolder(server.settings, file);
  const whole = await readFile(file);
  const { size } = await stat(file);
  const refused = async (expected: RegExp) => {
    await expect(restoreFolder(empty(), file, world)).rejects.toThrow(expected);
    expect(await readdir(folder)).toEqual(['all.backup']);
  };
  for (const cut of [size - 1536, size / 2, 2048, 512]) {
    await truncate(file, Math.floor(cut / 512) * 512);
    await refused(/not whole|cannot be read|is no backup/);
    await writeFile(file, whole);
  }
  for (const text of ['the bytes of a file', 'SQLite format 3']) {
    const altered = Buffer.from(whole);
    altered.writeUInt8(0x58, altered.indexOf(text) + 3);
    await writeFile(file, altered);
    await refused(/damaged/);
  }
  await writeFile(file, 'something else');
  await refused(/cannot be read|is no backup/);
});

test('bytes that are missing in the folder end a backup with one clear line, and leave no file', async () => {
  const { fileId } = await fill();
  const { raw, close } = openDatabase(server.settings.databaseFile, { readonly: true });
  const { sha256 } = raw.prepare('SELECT sha256 FROM file WHERE id = ?').get(fileId) as { sha256: string };
  close();
  const path = (await openDisk(server.settings.storageDir)).blob(sha256);
  await rename(path, join(folder, 'elsewhere'));
  await expect(backupFolder(server.settings, file)).rejects.toThrow(/are missing: run check/);
  expect(await readdir(folder)).toEqual(['elsewhere']);
  await expect(backupFolder(empty(), file)).rejects.toThrow('there is no database');
});
