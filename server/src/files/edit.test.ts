import { randomBytes } from 'node:crypto';
import type { JsonObject, LogEntry } from '@cambium/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { User, Write } from '../writer/writer.ts';
import { announcement, code, md5, newId, put, sha256, upload, uploadUrl } from './testing/files.ts';
import { startFiles, type FilesServer } from './testing/server.ts';

let server: FilesServer;
let ann: User;
const channel = newId();
const node = newId();

beforeAll(async () => {
  server = await startFiles();
  ann = await server.user('ann');
  await server.user('bob');
  await write({ type: 'CREATED', table: 'channel', key: channel, obj: { name: 'C' } });
  const obj = { parent: channel, kind: 'document', title: 'D', license: 8, author: 'x' };
  await write({ type: 'CREATED', table: 'contentnode', key: node, obj });
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.stop();
});

async function write(change: JsonObject): Promise<void> {
  const writes = [{ channel_id: channel, ...change } as unknown as Write];
  const answer = await server.writer.commit({ user: ann, authority: 'user', writes });
  if (!answer.ok) throw new Error(JSON.stringify(answer.results));
}

async function log(): Promise<LogEntry[]> {
  const rows = await server.connection.db
    .selectFrom('change_log as l')
    .innerJoin('channel as c', 'c.pk', 'l.channel')
    .select('l.entry')
    .where('c.id', '=', channel)
    .orderBy('l.rev')
    .execute();
  return rows.map(({ entry }) => JSON.parse(entry) as LogEntry);
}

function patch(user: string, id: string, body: JsonObject): Promise<Response> {
  const headers = { 'Content-Type': 'application/json' };
  return server.as(user, `/api/file/${id}`, { method: 'PATCH', headers, body: JSON.stringify(body) });
}

async function isComplete(): Promise<boolean> {
  const row = await server.connection.db
    .selectFrom('node')
    .select('complete')
    .where('id', '=', node)
    .executeTakeFirstOrThrow();
  return row.complete === 1;
}

describe('a file and its node', () => {
  it('joins the log when it is attached, and completes the node', async () => {
    const file = await upload(server, 'ann', randomBytes(10));
    const before = (await log()).length;
    const answer = await patch('ann', file.id, { contentnode: node, language: 'de' });
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { contentnode: node, language: 'de', uploaded: true },
    ]);
    expect((await log()).slice(before)).toMatchObject([
      { type: 'CREATED', table: 'file', key: file.id, obj: { uploaded: true, contentnode: node } },
      { type: 'UPDATED', table: 'contentnode', key: node, mods: { complete: true } },
    ]);
    expect(await isComplete()).toBe(true);
    expect(await (await server.as('ann', `/api/file?contentnode=${node}`)).json()).toHaveLength(1);
    expect(await (await server.as('ann', `/api/file/${file.id}`, { method: 'DELETE' })).json()).toEqual({
      status: 'success',
    });
    expect(await isComplete()).toBe(false);
    expect((await log()).at(-2)).toMatchObject({ type: 'DELETED', table: 'file', key: file.id });
  });

  it('counts only when its bytes are there, even if it was attached before', async () => {
    const bytes = randomBytes(10);
    const id = newId();
    const { size, ...obj } = announcement(bytes, { contentnode: node });
    await write({ type: 'CREATED', table: 'file', key: id, obj: { ...obj, size: size ?? null } });
    expect(await isComplete()).toBe(false);
    const granted = await uploadUrl(server, 'ann', announcement(bytes, { id }));
    expect((await put(granted, bytes)).status).toBe(200);
    expect(await isComplete()).toBe(true);
    expect((await log()).slice(-2)).toMatchObject([
      {
        type: 'UPDATED',
        table: 'file',
        key: id,
        mods: { uploaded: true, sha256: sha256(bytes), checksum: md5(bytes) },
        client_id: null,
      },
      { type: 'UPDATED', table: 'contentnode', key: node, mods: { complete: true } },
    ]);
    await server.as('ann', `/api/file/${id}`, { method: 'DELETE' });
  });

  it('brings bytes to copies that were made before them', async () => {
    const bytes = randomBytes(10);
    const id = newId();
    const copy = newId();
    await write({ type: 'CREATED', table: 'file', key: id, obj: announcement(bytes, { contentnode: node }) });
    await write({ type: 'COPIED', table: 'contentnode', key: copy, from_key: node, target: channel });
    await put(await uploadUrl(server, 'ann', announcement(bytes, { id })), bytes);
    const [copied] = (await (await server.as('ann', `/api/file?contentnode=${copy}`)).json()) as { url: string }[];
    expect(copied).toMatchObject({ uploaded: true, sha256: sha256(bytes) });
    expect((await fetch(String(copied?.url))).status).toBe(200);
  });

  it('is seen and changed by nobody who may not', async () => {
    const file = await upload(server, 'ann', randomBytes(10));
    expect((await patch('bob', file.id, { language: 'de' })).status).toBe(404);
    await patch('ann', file.id, { contentnode: node });
    expect((await patch('bob', file.id, { language: 'de' })).status).toBe(404);
    expect((await server.as('bob', `/api/file/${file.id}`, { method: 'DELETE' })).status).toBe(404);
    expect(await (await server.as('bob', `/api/file?id=${file.id}`)).json()).toEqual([]);
    const bobs = await upload(server, 'bob', randomBytes(10));
    expect((await patch('bob', bobs.id, { contentnode: node })).status).toBe(404);
    expect(await code(await patch('ann', file.id, { checksum: 'a'.repeat(32) }))).toMatch(/^400 read_only_field/);
    expect(await code(await patch('ann', file.id, { preset: 'audio' }))).toMatch(/^400 invalid_value preset/);
  });
});

describe('a request that comes again under its key', () => {
  const again = (method: string, id: string, key: string, body?: JsonObject) =>
    server.as('ann', `/api/file/${id}`, {
      method,
      headers: { 'Idempotency-Key': key, 'Content-Type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });

  it('gets its first answer, whatever became of the file since', async () => {
    const file = await upload(server, 'ann', randomBytes(10));
    const first = await again('PATCH', file.id, 'one', { language: 'de' });
    const answer = await first.text();
    expect([first.status, JSON.parse(answer)]).toMatchObject([200, { language: 'de', url: file.url }]);
    await patch('ann', file.id, { language: 'fr' });
    expect(await (await again('PATCH', file.id, 'one', { language: 'de' })).text()).toBe(answer);
    expect(await (await server.as('ann', `/api/file?id=${file.id}`)).json()).toMatchObject([{ language: 'fr' }]);
    expect(await code(await again('PATCH', file.id, 'one', { language: 'it' }))).toBe('409 rev_reused');
    for (let time = 0; time < 2; time += 1) {
      const gone = await again('DELETE', file.id, 'two');
      expect([gone.status, await gone.json()]).toEqual([200, { status: 'success' }]);
    }
    expect(await (await again('PATCH', file.id, 'one', { language: 'de' })).text()).toBe(answer);
    expect((await again('DELETE', file.id, 'three')).status).toBe(404);
  });
});

describe('detaching', () => {
  it('answers with the row, which belongs to its uploader alone from then on', async () => {
    const bob = await server.user('bobby');
    const editor = await server.connection.db
      .selectFrom('channel')
      .select('pk')
      .where('id', '=', channel)
      .executeTakeFirstOrThrow();
    await server.connection.db
      .insertInto('member')
      .values({ channel: editor.pk, user: bob.pk, role: 'editor' })
      .execute();
    const file = await upload(server, 'ann', randomBytes(10));
    await patch('ann', file.id, { contentnode: node });
    const answer = await patch('bobby', file.id, { contentnode: null });
    expect([answer.status, await answer.json()]).toMatchObject([200, { contentnode: null, channel_id: null }]);
    expect((await log()).at(-1)).toMatchObject({ type: expect.stringMatching(/DELETED|UPDATED/) as string });
    expect(await (await server.as('bobby', `/api/file?id=${file.id}`)).json()).toEqual([]);
    expect(await (await server.as('ann', `/api/file?id=${file.id}`)).json()).toMatchObject([{ uploaded: true }]);
  });
});

describe('GET /api/file', () => {
  it('needs a filter and refuses what it does not know', async () => {
    expect(await code(await server.as('ann', '/api/file'))).toBe('412 filter_required');
    expect(await code(await server.as('ann', '/api/file?checksum=a'))).toBe('400 invalid_value checksum');
    expect(await code(await server.as('ann', '/api/file?id=a'))).toBe('400 invalid_value id');
    expect((await fetch(`${server.url}/api/file?id=${newId()}`)).status).toBe(401);
  });

  it('takes ids in any spelling, and filters together', async () => {
    const one = await upload(server, 'ann', randomBytes(10));
    const dashed = one.id.replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-').toUpperCase();
    const ids = async (query: string) =>
      ((await (await server.as('ann', `/api/file?${query}`)).json()) as { id: string }[]).map(({ id }) => id);
    expect(await ids(`id=${dashed}`)).toEqual([one.id]);
    expect(await ids(`id__in=${newId()},${one.id}`)).toEqual([one.id]);
    expect(await ids(`id=${one.id}&contentnode=${node}`)).toEqual([]);
    expect(await ids('id__in=')).toEqual([]);
  });
});
