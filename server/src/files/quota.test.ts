import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { announcement, code, postUploadUrl, put, upload, uploadUrl } from './testing/files.ts';
import { startFiles, type FilesServer } from './testing/server.ts';
import { tusCaller } from './testing/tus.ts';
import { readAccount } from './usage.ts';

let server: FilesServer;

beforeAll(async () => {
  server = await startFiles({ uploadExpiry: 3600 });
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.stop();
});

async function used(name: string): Promise<number> {
  const { pk } = await server.connection.db
    .selectFrom('user')
    .select('pk')
    .where('username', '=', name)
    .executeTakeFirstOrThrow();
  const now = new Date(Date.now() + server.time.ahead).toISOString();
  return readAccount(server.connection.raw, pk, now).used;
}

describe('quota', () => {
  it('is never overrun by requests at the same time', async () => {
    await server.user('cat', 5000);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => postUploadUrl(server, 'cat', announcement(randomBytes(1000)))),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
    const refused = answers.find(({ status }) => status !== 201);
    expect(refused && (await code(refused))).toBe('412 quota_exceeded');
    expect(await used('cat')).toBe(5000);
  });

  it('counts the same bytes once, stored or on the way', async () => {
    await server.user('dog', 5000);
    const bytes = randomBytes(3000);
    const first = await uploadUrl(server, 'dog', announcement(bytes));
    const second = await uploadUrl(server, 'dog', announcement(bytes));
    expect(await used('dog')).toBe(3000);
    await put(first, bytes);
    await put(second, bytes);
    expect(await used('dog')).toBe(3000);
    expect((await uploadUrl(server, 'dog', announcement(bytes))).might_skip).toBe(true);
    expect((await postUploadUrl(server, 'dog', announcement(randomBytes(2001)))).status).toBe(412);
    expect((await postUploadUrl(server, 'dog', announcement(randomBytes(2000)))).status).toBe(201);
  });

  it('gets back what expires or is deleted', async () => {
    await server.user('eel', 1000);
    const granted = await uploadUrl(server, 'eel', announcement(randomBytes(1000)));
    expect((await postUploadUrl(server, 'eel', announcement(randomBytes(1)))).status).toBe(412);
    server.time.ahead = 7_300_000;
    await server.service.sweep();
    expect(await (await server.as('eel', `/api/file?id=${granted.file.id}`)).json()).toEqual([]);
    const file = await upload(server, 'eel', randomBytes(1000));
    expect((await postUploadUrl(server, 'eel', announcement(randomBytes(1)))).status).toBe(412);
    expect(await (await server.as('eel', `/api/file/${file.id}`, { method: 'DELETE' })).json()).toEqual({
      status: 'success',
    });
    expect((await postUploadUrl(server, 'eel', announcement(randomBytes(1)))).status).toBe(201);
    server.time.ahead = 0;
  });

  it('is reserved by a tus creation and held while a length is deferred', async () => {
    await server.user('fox', 1000);
    const tus = tusCaller(server, 'fox');
    expect(await code(await tus.create(1001))).toBe('412 quota_exceeded');
    const deferred = await tus.made(null);
    expect((await tus.patch(deferred, 0, Buffer.alloc(600))).status).toBe(204);
    expect((await tus.create(500)).status).toBe(412);
    expect((await tus.patch(deferred, 600, Buffer.alloc(600))).status).toBe(412);
    expect(await tus.offset(deferred)).toBe(600);
    expect((await tus.patch(deferred, 600, '', { 'Upload-Length': '1200' })).status).toBe(412);
    expect((await tus.request('DELETE', deferred)).status).toBe(204);
    expect((await tus.create(1000)).status).toBe(201);
  });

  it('moves from the parts to their whole', async () => {
    await server.user('gnu', 1000);
    const tus = tusCaller(server, 'gnu');
    const parts = [];
    for (const letter of ['a', 'b']) {
      const url = await tus.made(500, undefined, { 'Upload-Concat': 'partial' });
      await tus.patch(url, 0, letter.repeat(500));
      parts.push(url);
    }
    expect((await tus.create(1)).status).toBe(412);
    const whole = await tus.request('POST', '/api/upload', { 'Upload-Concat': `final;${parts.join(' ')}` });
    expect(whole.status).toBe(201);
    expect(await used('gnu')).toBe(1000);
  });
});
