import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { announcement, code, md5, newId, postUploadUrl, put, sha256, upload, uploadUrl } from './testing/files.ts';
import { startFiles, type FilesServer } from './testing/server.ts';

let server: FilesServer;

beforeAll(async () => {
  server = await startFiles();
  await server.user('ann');
  await server.user('bob');
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.stop();
});

describe('upload_url', () => {
  it('gives a URL, the row and the resumable way', async () => {
    const bytes = randomBytes(1000);
    const id = newId();
    const granted = await uploadUrl(server, 'ann', announcement(bytes, { id, name: 'Übung.pdf' }));
    expect(granted).toMatchObject({ content_type: 'application/pdf', might_skip: false });
    expect(granted.file).toMatchObject({
      id,
      uploaded: false,
      url: null,
      file_size: 1000,
      original_filename: 'Übung.pdf',
    });
    expect(Date.parse(granted.expires_at) - Date.now()).toBeGreaterThan(3_500_000);
    expect(granted.tus.endpoint).toBe(`${server.url}/api/upload`);
    expect(granted.tus.metadata).toEqual({
      id,
      filename: 'Übung.pdf',
      filetype: 'application/pdf',
      checksum: md5(bytes),
      preset: 'document',
    });
  });

  it.each([
    [{ checksum: 'A'.repeat(32) }, 'checksum'],
    [{ checksum: 'ab' }, 'checksum'],
    [{ size: -1 }, 'size'],
    [{ size: 1.5 }, 'size'],
    [{ file_format: 'exe' }, 'file_format'],
    [{ preset: 'nothing' }, 'preset'],
    [{ preset: 'audio' }, 'preset'],
    [{ duration: 5 }, 'duration'],
    [{ file_format: 'mp4', preset: 'high_res_video' }, 'duration'],
    [{ file_format: 'mp4', preset: 'high_res_video', duration: 0 }, 'duration'],
    [{ id: 'no id' }, 'id'],
    [{ name: undefined }, 'name'],
  ])('refuses %j', async (more, field) => {
    const body = { ...announcement(randomBytes(10)), ...more } as Parameters<typeof postUploadUrl>[2];
    const answer = await postUploadUrl(server, 'ann', body);
    expect(await code(answer)).toMatch(new RegExp(`^400 invalid_value (${field}|file_format)$`));
  });

  it('gives a fresh URL for the same id and checksum and refuses another checksum or user', async () => {
    const bytes = randomBytes(10);
    const body = announcement(bytes, { id: newId() });
    await uploadUrl(server, 'ann', body);
    const again = await uploadUrl(server, 'ann', body);
    expect((await put(again, bytes)).status).toBe(200);
    expect(await code(await postUploadUrl(server, 'ann', { ...body, checksum: md5(Buffer.from('other')) }))).toBe(
      '409 already_exists id',
    );
    expect(await code(await postUploadUrl(server, 'bob', body))).toBe('409 already_exists id');
  });

  it('skips only what the caller may view', async () => {
    const bytes = randomBytes(100);
    await upload(server, 'ann', bytes);
    const mine = await uploadUrl(server, 'ann', announcement(bytes));
    expect(mine).toMatchObject({ might_skip: true, file: { uploaded: true } });
    expect(Buffer.from(await (await fetch(String(mine.file.url))).arrayBuffer())).toEqual(bytes);
    expect((await uploadUrl(server, 'bob', announcement(bytes))).might_skip).toBe(false);
    const other = await uploadUrl(server, 'ann', announcement(bytes, { sha256: 'a'.repeat(64) }));
    expect(other.might_skip).toBe(false);
  });
});

describe('PUT', () => {
  it('stores exactly the announced bytes, and the same again changes nothing', async () => {
    const bytes = randomBytes(100_000);
    const granted = await uploadUrl(server, 'ann', announcement(bytes));
    const answer = await put(granted, bytes);
    expect(answer.status).toBe(200);
    const { file } = (await answer.json()) as { file: object };
    expect(file).toMatchObject({ uploaded: true, sha256: sha256(bytes), checksum: md5(bytes), file_size: 100_000 });
    const again = await put(granted, bytes);
    expect(again.status).toBe(200);
    expect(((await again.json()) as { file: object }).file).toEqual(file);
  });

  it('refuses wrong bytes, sizes and types and keeps nothing', async () => {
    const bytes = randomBytes(5_000);
    const granted = await uploadUrl(server, 'ann', announcement(bytes));
    expect(await code(await put(granted, randomBytes(5_000)))).toBe('422 checksum_mismatch');
    expect(await code(await put(granted, bytes.subarray(1)))).toBe('422 size_mismatch');
    expect(await code(await put(granted, bytes, 'application/pdf; x=1'))).toBe('415 unsupported_type');
    const chunked = (async function* () {
      yield Buffer.concat([bytes, bytes]);
    })();
    const init = { method: 'PUT', headers: { 'Content-Type': 'application/pdf' }, body: chunked, duplex: 'half' };
    expect(await code(await fetch(granted.url, init as unknown as RequestInit))).toBe('422 size_mismatch');
    const found = await server.as('ann', `/api/file?id=${granted.file.id}`);
    expect(await found.json()).toMatchObject([{ uploaded: false, url: null }]);
    expect(await readdir(join(server.storage, 'incoming'))).toEqual([]);
  });

  it('verifies a declared SHA-256 as well', async () => {
    const bytes = randomBytes(50);
    const granted = await uploadUrl(server, 'ann', announcement(bytes, { sha256: 'b'.repeat(64) }));
    expect(await code(await put(granted, bytes))).toBe('422 checksum_mismatch');
  });

  it('refuses a forged or expired URL', async () => {
    const bytes = randomBytes(50);
    const granted = await uploadUrl(server, 'ann', announcement(bytes));
    expect(
      await code(await put({ ...granted, url: granted.url.replace(/.$/, (c) => (c === '0' ? '1' : '0')) }, bytes)),
    ).toBe('403 forbidden');
    server.time.ahead = 3_700_000;
    expect(await code(await put(granted, bytes))).toBe('403 forbidden');
    server.time.ahead = 0;
  });

  it('takes an empty file', async () => {
    const file = await upload(server, 'ann', new Uint8Array(0));
    expect(file).toMatchObject({ uploaded: true, file_size: 0 });
  });
});
