import { chmod, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkFolder } from './check.ts';
import { openDatabase } from './database/open.ts';
import { openDisk } from './files/disk.ts';
import { freshId, startTestServer, type TestServer } from './http/testing/harness.ts';
import { upload } from './testing/upload.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.stop());

test('what REST, sync and uploads made holds, with the server running and stopped', async () => {
  const { admin } = server;
  const { id, topics } = await admin.channel(['A', 'B', 'C']);
  const node = await admin.post('/api/contentnode', { parent: topics[0] as string, kind: 'document', title: 'D' });
  const document = node.json['id'] as string;
  const loose = await upload(admin, Buffer.from('loose bytes'));
  const early = await upload(admin, Buffer.from('bytes that come first'), { id: freshId() });
  expect((await admin.call('PATCH', `/api/file/${early}`, { contentnode: document })).status).toBe(200);
  expect((await admin.call('PATCH', `/api/file/${early}`, { contentnode: null })).status).toBe(200);
  expect((await admin.call('PATCH', `/api/file/${early}`, { contentnode: document })).status).toBe(200);
  expect((await admin.call('PATCH', `/api/contentnode/${document}`, { title: 'E', license: 8 })).status).toBe(200);
  await admin.sync([
    { type: 'COPIED', table: 'contentnode', key: freshId(), from_key: topics[0] as string, target: id, channel_id: id },
    { type: 'DELETED', table: 'contentnode', key: topics[1] as string, channel_id: id },
  ]);
  expect((await admin.call('POST', `/api/channel/${id}/publish`)).status).toBe(200);
  expect((await admin.call('DELETE', `/api/file/${loose}`)).status).toBe(200);
  const gone = await admin.channel(['X']);
  expect((await admin.call('DELETE', `/api/channel/${gone.id}`)).status).toBe(204);
  expect(await checkFolder(server.settings)).toEqual([]);
  await server.server.stop();
  expect(await checkFolder(server.settings)).toEqual([]);
});

test('violations of tree, log and bytes are told, each once', async () => {
  const { admin, settings } = server;
  const { id, topics } = await admin.channel(['A', 'B']);
  await upload(admin, Buffer.from('some bytes'));
  const damaged = openDatabase(settings.databaseFile);
  damaged.raw.prepare('UPDATE node SET total_count = 9 WHERE id = ?').run(id);
  damaged.raw.prepare(`UPDATE node SET title = 'else' WHERE id = ?`).run(topics[1]);
  const { sha256 } = damaged.raw.prepare('SELECT sha256 FROM blob').get() as { sha256: string };
  damaged.close();
  const path = (await openDisk(settings.storageDir)).blob(sha256);
  await chmod(path, 0o644);
  await truncate(path, 3);
  const found = await checkFolder(settings);
  expect(found).toEqual([
    `counts ${id}: counts are those of the descendants`,
    `channel ${id}: contentnode ${topics[1]} has another title than its log made`,
    `blob ${sha256} has 3 bytes instead of 10`,
  ]);
});

test('a folder without a database of this version is refused in one line', async () => {
  const { settings } = server;
  const elsewhere = { ...settings, databaseFile: join(settings.dataDir, 'none.db') };
  await expect(checkFolder(elsewhere)).rejects.toThrow('there is no database');
  new Sqlite(elsewhere.databaseFile).close();
  await expect(checkFolder(elsewhere)).rejects.toThrow('is of another version');
});
