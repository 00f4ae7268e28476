import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { announcement, code, md5, newId, uploadUrl } from '../testing/files.ts';
import { startFiles, type FilesServer } from '../testing/server.ts';
import { idOf, tusCaller, type TusCaller } from '../testing/tus.ts';

const BYTES = { 'Content-Type': 'application/offset+octet-stream' };
let server: FilesServer;
let tus: TusCaller;

beforeAll(async () => {
  server = await startFiles({ uploadExpiry: 3600, maxFileSize: 1_000_000 });
  await server.user('ann');
  tus = tusCaller(server, 'ann');
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.stop();
});

describe('creation', () => {
  it('refuses lengths that are none, two of them, and too much', async () => {
    for (const length of ['-1', 'abc', '1.5', '0x10', '1e3', '+5', '05', '', '9007199254740993']) {
      expect((await tus.create(0, undefined, { 'Upload-Length': length })).status, length).toBe(400);
    }
    expect((await tus.request('POST', '/api/upload')).status).toBe(400);
    expect((await tus.create(5, undefined, { 'Upload-Defer-Length': '1' })).status).toBe(400);
    expect((await tus.create(null, undefined, { 'Upload-Defer-Length': '2' })).status).toBe(400);
    expect((await tus.create(1_000_001)).status).toBe(413);
    expect((await tus.create(1_000_000)).status).toBe(201);
  });

  it('completes an empty upload at once', async () => {
    const url = await tus.made(0, { filename: 'empty.txt' });
    const head = await tus.head(url);
    expect([head.headers.get('Upload-Offset'), head.headers.get('Upload-Length')]).toEqual(['0', '0']);
    expect((await server.as('ann', url)).status).toBe(200);
    expect((await tus.create(0, { checksum: 'a'.repeat(32) })).status).toBe(460);
  });

  it('repeats metadata byte by byte, whatever they are', async () => {
    for (const raw of [
      'name',
      'bin //4AgDE=',
      'constructor YQ==,toString Yg==,__proto__ Yw==',
      `long ${'YWFh'.repeat(2000)}`,
    ]) {
      const answer = await tus.create(1, undefined, { 'Upload-Metadata': raw });
      expect(answer.status).toBe(201);
      expect((await tus.head(String(answer.headers.get('Location')))).headers.get('Upload-Metadata')).toBe(raw);
    }
    expect((await tus.head(await tus.made(1))).headers.get('Upload-Metadata')).toBeNull();
  });

  it('refuses metadata that break the protocol or say nonsense', async () => {
    for (const raw of ['', 'a YQ==,a Yg==', 'a !!!', 'a YQ', ',', 'a b c', 'é YQ==']) {
      const answer = await tus.create(1, undefined, { 'Upload-Metadata': raw });
      expect(answer.status, raw).toBe(400);
    }
    for (const [key, value] of [
      ['checksum', 'x'],
      ['sha256', 'ab'],
      ['preset', 'no'],
      ['duration', '-1'],
      ['id', 'x'],
    ] as const) {
      expect(await code(await tus.create(1, { [key]: value }))).toBe(`400 invalid_value ${key}`);
    }
  });

  it('takes the bytes with the creation, in whole or in part, and only as bytes', async () => {
    const whole = await tus.create(3, { filename: 'a.txt' }, BYTES, 'abc');
    expect([whole.status, whole.headers.get('Upload-Offset')]).toEqual([201, '3']);
    expect(await (await server.as('ann', String(whole.headers.get('Location')))).text()).toBe('abc');
    const part = await tus.create(3, undefined, BYTES, 'ab');
    expect(part.headers.get('Upload-Offset')).toBe('2');
    expect((await tus.patch(String(part.headers.get('Location')), 2, 'c')).status).toBe(204);
    expect((await tus.create(3, undefined, BYTES, 'abcd')).status).toBe(413);
    const other = await tus.create(3, undefined, { 'Content-Type': 'text/plain' }, 'abc');
    expect([other.status, await tus.offset(String(other.headers.get('Location')))]).toEqual([201, 0]);
    const empty = await tus.create(3, undefined, BYTES, '');
    expect([empty.status, empty.headers.get('Upload-Offset')]).toEqual([201, '0']);
  });

  it('continues what upload_url announced, under its id', async () => {
    const bytes = randomBytes(2000);
    const granted = await uploadUrl(server, 'ann', announcement(bytes, { id: newId() }));
    const url = await tus.made(2000, granted.tus.metadata);
    expect((await tus.patch(url, 0, bytes)).status).toBe(204);
    const [file] = (await (await server.as('ann', `/api/file?id=${granted.file.id}`)).json()) as object[];
    expect(file).toMatchObject({ id: granted.file.id, uploaded: true, checksum: md5(bytes) });
    expect(await code(await tus.create(1999, granted.tus.metadata))).toBe('409 already_exists id');
  });

  it.each([
    [{ filename: 'x.mp4' }, { file_format: 'mp4', mime_type: 'video/mp4' }],
    [
      { filename: 'x.EXE', filetype: 'application/x-msdownload' },
      { file_format: 'exe', mime_type: 'application/x-msdownload' },
    ],
    [
      { filename: 'noextension', filetype: 'application/pdf', preset: 'document' },
      { file_format: 'pdf', preset: 'document' },
    ],
    [{ filename: 'x.zip', filetype: 'application/perseus+zip', preset: 'exercise' }, { file_format: 'perseus' }],
    [
      { filename: 'x.mp3', duration: '61.7', preset: 'audio' },
      { duration: 61, mime_type: 'audio/mpeg' },
    ],
    [{ filetype: 'not a type' }, { file_format: '', mime_type: 'application/octet-stream', original_filename: '' }],
    [{}, { file_format: '', mime_type: 'application/octet-stream' }],
  ])('takes a direct start with %j', async (metadata, expected) => {
    const url = await tus.made(3, Object.keys(metadata).length > 0 ? metadata : undefined);
    expect((await tus.patch(url, 0, 'abc')).status).toBe(204);
    const [file] = (await (await server.as('ann', `/api/file?id=${idOf(url)}`)).json()) as { url: string }[];
    expect(file).toMatchObject({ ...expected, uploaded: true, checksum: md5(Buffer.from('abc')) });
    expect(await (await fetch(String(file?.url))).text()).toBe('abc');
  });

  it('verifies what was announced even if the metadata do not repeat it', async () => {
    const bytes = randomBytes(2000);
    const granted = await uploadUrl(server, 'ann', announcement(bytes));
    const url = await tus.made(2000, { id: granted.file.id });
    expect((await tus.patch(url, 0, randomBytes(2000))).status).toBe(460);
  });
});

describe('creation-defer-length', () => {
  it('takes bytes before the length is known, and the length once', async () => {
    const url = await tus.made(null);
    const head = await tus.head(url);
    expect([head.headers.get('Upload-Defer-Length'), head.headers.get('Upload-Length')]).toEqual(['1', null]);
    expect((await tus.patch(url, 0, 'abc')).status).toBe(204);
    expect((await tus.patch(url, 3, '', { 'Upload-Length': '2' })).status).toBe(400);
    expect((await tus.patch(url, 3, '', { 'Upload-Length': '1000001' })).status).toBe(413);
    expect((await tus.patch(url, 3, 'd', { 'Upload-Length': '6' })).status).toBe(204);
    expect((await tus.patch(url, 4, 'e', { 'Upload-Length': '7' })).status).toBe(400);
    const known = await tus.head(url);
    expect([known.headers.get('Upload-Defer-Length'), known.headers.get('Upload-Length')]).toEqual([null, '6']);
    // A client whose answer was lost says it again.
    expect((await tus.patch(url, 4, 'ef', { 'Upload-Length': '6' })).status).toBe(204);
    expect(await (await server.as('ann', url)).text()).toBe('abcdef');
  });

  it('completes with one PATCH, or with an empty one', async () => {
    const one = await tus.made(null);
    expect((await tus.patch(one, 0, 'abc', { 'Upload-Length': '3' })).status).toBe(204);
    expect(await (await server.as('ann', one)).text()).toBe('abc');
    const other = await tus.made(null);
    await tus.patch(other, 0, 'abc');
    expect((await tus.patch(other, 3, '', { 'Upload-Length': '3' })).status).toBe(204);
    expect(await (await server.as('ann', other)).text()).toBe('abc');
  });

  it('never stores more than the maximum', async () => {
    const url = await tus.made(null);
    expect((await tus.patch(url, 0, Buffer.alloc(1_000_001))).status).toBe(413);
    expect(await tus.offset(url)).toBeLessThanOrEqual(1_000_000);
  });
});

describe('expiration', () => {
  it('renews the period with every byte, and ends unfinished uploads only', async () => {
    const done = await tus.made(3);
    await tus.patch(done, 0, 'abc');
    const created = await tus.create(3);
    const url = String(created.headers.get('Location'));
    const first = Date.parse(String(created.headers.get('Upload-Expires')));
    server.time.ahead = 3_000_000;
    const patched = await tus.patch(url, 0, 'a');
    expect(Date.parse(String(patched.headers.get('Upload-Expires')))).toBeGreaterThan(first + 2_900_000);
    server.time.ahead = 6_000_000;
    expect(Date.parse(String((await tus.head(url)).headers.get('Upload-Expires')))).toBeGreaterThan(first + 2_900_000);
    server.time.ahead = 7_000_000;
    expect((await tus.head(url)).status).toBe(410);
    expect((await tus.patch(url, 1, 'b')).status).toBe(410);
    await server.service.sweep();
    expect((await tus.head(url)).status).toBe(404);
    expect((await tus.head(done)).headers.get('Upload-Offset')).toBe('3');
    expect(await (await server.as('ann', done)).text()).toBe('abc');
    server.time.ahead = 0;
  });
});

describe('broken connections', () => {
  it('keeps what came before the cut and resumes there', async () => {
    const bytes = randomBytes(900_000);
    const url = await tus.made(900_000, { checksum: md5(bytes) });
    await new Promise<void>((resolve) => {
      const headers = {
        ...BYTES,
        'Tus-Resumable': '1.0.0',
        'Upload-Offset': '0',
        Authorization: 'Token ann',
        'Content-Length': 900_000,
      };
      const sent = request(url, { method: 'PATCH', headers }).on('error', () => resolve());
      sent.write(bytes.subarray(0, 600_000), () => setTimeout(() => sent.destroy(), 100));
      sent.on('close', resolve);
    });
    let offset = 0;
    for (let tries = 0; tries < 50 && offset === 0; tries += 1) offset = await tus.offset(url);
    expect(offset).toBe(600_000);
    expect((await tus.patch(url, offset, bytes.subarray(offset))).status).toBe(204);
    expect(bytes.equals(new Uint8Array(await (await server.as('ann', url)).arrayBuffer()))).toBe(true);
    expect(idOf(url)).toMatch(/^[0-9a-f]{32}$/);
  });

  it('lets a HEAD through while a half-open PATCH hangs', async () => {
    const url = await tus.made(100_000);
    const headers = {
      ...BYTES,
      'Tus-Resumable': '1.0.0',
      'Upload-Offset': '0',
      Authorization: 'Token ann',
      'Content-Length': 100_000,
    };
    const hanging = request(url, { method: 'PATCH', headers }).on('error', () => undefined);
    await new Promise((resolve) => hanging.write(Buffer.alloc(50_000), resolve));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await tus.offset(url)).toBe(50_000);
    expect((await tus.patch(url, 50_000, Buffer.alloc(50_000))).status).toBe(204);
    hanging.destroy();
  });
});
