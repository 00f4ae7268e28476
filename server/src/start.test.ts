import { copyFileSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@cambium/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { administer } from './administer.ts';
import { checkFolder } from './check.ts';
import { Api } from './http/testing/harness.ts';
import { readRunFile } from './run-file.ts';
import { readSettings, SettingsError } from './settings.ts';
import { startServer, type RunningServer } from './start.ts';
import { openStore } from './store.ts';
import { realWorld } from './world.ts';

let folder: string;
const running: RunningServer[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cambium-start-'));
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const settings = (more: Record<string, string> = {}) =>
  readSettings({ PORT: '0', DATA_DIR: join(folder, 'data'), LOG_LEVEL: 'silent', ...more }, folder);

async function start(more: Record<string, string> = {}): Promise<RunningServer> {
  const server = await startServer(settings(more), { writer: 'inline' });
  running.push(server);
  return server;
}

test('the first start makes a token and a course; the second makes neither and tells the same token on loopback', async () => {
  const first = await start();
  const api = new Api(first.url, first.openToken ?? null);
  const { results } = (await api.get('/api/channel')).json as { results: JsonObject[] };
  expect(results).toHaveLength(1);
  const nodes = (await api.get(`/api/contentnode?channel_id=${results[0]?.['id'] as string}`)).json[
    'results'
  ] as JsonObject[];
  expect(nodes.length).toBeGreaterThan(15);
  expect(new Set(nodes.map((node) => node['kind'])).size).toBeGreaterThan(5);
  expect(nodes.filter((node) => node['kind'] === 'exercise').map((node) => node['complete'])).toEqual([true]);
  await first.stop();

  const second = await start();
  expect([second.firstToken, second.openToken]).toEqual([undefined, first.openToken]);
  const again = await new Api(second.url, first.openToken ?? null).get('/api/channel');
  expect((again.json['results'] as JsonObject[]).length).toBe(1);
});

test('a first start that was killed before it made the course is completed by the next one', async () => {
  const { dataDir } = settings();
  // What such a start leaves: everything up to here is done before the course is made.
  const killed = await openStore(settings(), realWorld('silent'), { writer: 'inline' });
  await killed.close();
  const server = await start();
  const api = new Api(server.url, server.openToken ?? null);
  expect((await api.get('/api/channel')).json['results']).toHaveLength(1);
  await server.stop();
  const again = await start();
  expect((await new Api(again.url, again.openToken ?? null).get('/api/channel')).json['results']).toHaveLength(1);
  expect(await checkFolder({ ...settings(), dataDir })).toEqual([]);
});

test('a course that its owner deleted is not made again', async () => {
  const first = await start();
  const api = new Api(first.url, first.openToken ?? null);
  const [course] = (await api.get('/api/channel')).json['results'] as JsonObject[];
  expect((await api.call('DELETE', `/api/channel/${course?.['id'] as string}`)).status).toBe(204);
  await first.stop();
  const second = await start();
  expect((await new Api(second.url, first.openToken ?? null).get('/api/channel')).json['results']).toEqual([]);
});

test('a folder that the command line was used on first has its token and its course all the same', async () => {
  await administer(settings(), 'user.add', { username: 'kim' });
  const server = await start();
  const api = new Api(server.url, server.openToken ?? null);
  expect((await api.get('/api/channel')).json['results']).toHaveLength(1);
});

test('a token that was made by a start that failed is told by the next one', async () => {
  const busy = await start({ DATA_DIR: join(folder, 'busy') });
  await expect(start({ PORT: String(busy.port) })).rejects.toThrow(SettingsError);
  const server = await start();
  expect((await new Api(server.url, server.openToken ?? null).get('/api/user/me')).status).toBe(200);
});

test('where others can reach it, the token is told by the first start that serves, and by no other', async () => {
  const busy = await start({ DATA_DIR: join(folder, 'busy'), HOST: '0.0.0.0' });
  await expect(start({ PORT: String(busy.port), HOST: '0.0.0.0' })).rejects.toThrow(SettingsError);
  const first = await start({ HOST: '0.0.0.0' });
  expect([typeof first.firstToken, first.openToken]).toEqual(['string', undefined]);
  await first.stop();
  const second = await start({ HOST: '0.0.0.0' });
  expect([second.firstToken, second.openToken]).toEqual([undefined, undefined]);
});

test('a database that was made anew in a folder gets a token of its own', async () => {
  const first = await start();
  await first.stop();
  rmSync(join(folder, 'data', 'cambium.db'));
  const second = await start();
  expect(second.openToken).not.toBe(first.openToken);
  expect((await new Api(second.url, second.openToken ?? null).get('/api/user/me')).status).toBe(200);
});

test('with ADMIN_TOKEN nothing is seeded; another value there ends the one before', async () => {
  const [before, after] = ['the-token-of-before-1', 'the-token-of-after--1'];
  const first = await start({ ADMIN_TOKEN: before });
  expect([first.firstToken, first.openToken]).toEqual([undefined, undefined]);
  expect((await new Api(first.url, before).get('/api/channel')).json).toEqual({ results: [], more: false });
  await first.stop();
  const second = await start({ ADMIN_TOKEN: after });
  expect((await new Api(second.url, before).get('/api/user/me')).status).toBe(401);
  expect((await new Api(second.url, after).get('/api/user/me')).status).toBe(200);
});

test('a second server on the folder, or on the port, is refused in one line and does no harm', async () => {
  const server = await start();
  await expect(start()).rejects.toThrow(SettingsError);
  await expect(start()).rejects.toThrow(/^[^\n]+ in use [^\n]+$/);
  const elsewhere = { DATA_DIR: join(folder, 'other'), PORT: String(server.port) };
  await expect(start(elsewhere)).rejects.toThrow(SettingsError);
  expect((await new Api(server.url, server.openToken ?? null).get('/api/channel')).status).toBe(200);
});

test('secrets are for the owner of the folder alone', async () => {
  await start();
  for (const name of ['secret', 'run.json']) expect(statSync(join(folder, 'data', name)).mode & 0o777).toBe(0o600);
});

test('commands of the administrator work while the server runs and while it does not', async () => {
  const server = await start();
  expect(readRunFile(settings().dataDir)?.url).toBe(server.url);
  const made = (await administer(settings(), 'user.add', { username: 'kim' })) as JsonObject;
  const kim = new Api(server.url, made['token'] as string);
  expect((await kim.get('/api/user/me')).status).toBe(200);
  await administer(settings(), 'user.disable', { username: 'kim' });
  expect((await kim.get('/api/user/me')).status).toBe(401);
  await server.stop();

  expect(readRunFile(settings().dataDir)).toBeNull();
  const users = (await administer(settings(), 'user.list')) as JsonObject[];
  expect(users.map((user) => [user['username'], user['disabled']])).toEqual([
    ['admin', false],
    ['kim', true],
  ]);
  expect(await checkFolder(settings())).toEqual([]);
  await expect(administer(settings(), 'user.add', { username: 'kim' })).rejects.toThrow(/taken/);
});

test('the admin endpoint asks for the secret of the folder', async () => {
  const server = await start();
  const reply = await new Api(server.url, server.openToken ?? null).post('/admin/user.list', {});
  expect(reply.status).toBe(401);
});

test('a server whose database was moved away or replaced is not healthy', async () => {
  const server = await start();
  const api = new Api(server.url, null);
  const [file, elsewhere] = [join(folder, 'data', 'cambium.db'), join(folder, 'elsewhere.db')];
  expect((await api.get('/health')).status).toBe(200);
  renameSync(file, elsewhere);
  expect((await api.get('/health')).status).toBe(503);
  copyFileSync(elsewhere, file);
  expect((await api.get('/health')).status).toBe(503);
  renameSync(elsewhere, file);
  expect((await api.get('/health')).status).toBe(200);
});

test('stopping ends open event streams and leaves nothing half done', async () => {
  const server = await startServer(settings());
  const api = new Api(server.url, server.openToken ?? null);
  const stream = await fetch(`${server.url}/api/sync/events`, { headers: { authorization: `Token ${api.token}` } });
  const writing = api.channel(['A', 'B']);
  const { id } = await writing;
  const stopped = server.stop();
  expect(server.stop()).toBe(stopped);
  await stopped;
  expect(await stream.text()).toContain(id);
  await expect(api.get('/api/channel')).rejects.toThrow();
  const again = await start();
  expect((await new Api(again.url, api.token).get(`/api/channel/${id}`)).status).toBe(200);
});
