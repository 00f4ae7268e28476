import { randomBytes } from 'node:crypto';
import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { code, md5, sha256 } from '../testing/files.ts';
import { startFiles, type FilesServer } from '../testing/server.ts';
import { idOf, tusCaller, type TusCaller } from '../testing/tus.ts';

let server: FilesServer;
let tus: TusCaller;

beforeAll(async () => {
  server = await startFiles();
  await server.user('ann');
  await server.user('bob');
  tus = tusCaller(server, 'ann');
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.stop();
});

async function bytesOf(url: string): Promise<Buffer> {
  const answer = await server.as('ann', url);
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}

describe('version and rights', () => {
  it('tells what it can without a token and whatever the version', async () => {
    const answer = await fetch(`${server.url}/api/upload`, { method: 'OPTIONS', headers: { 'Tus-Resumable': '0.1' } });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('Tus-Version')).toBe('1.0.0');
    expect(answer.headers.get('Tus-Max-Size')).toBe(String(2 ** 40));
    expect(answer.headers.get('Tus-Checksum-Algorithm')?.split(',')).toContain('sha1');
    const extensions = answer.headers.get('Tus-Extension')?.split(',') ?? [];
    for (const name of ['creation', 'creation-with-upload', 'creation-defer-length', 'expiration', 'termination']) {
      expect(extensions).toContain(name);
    }
    for (const name of ['checksum', 'concatenation']) expect(extensions).toContain(name);
  });

  it.each(['POST', 'HEAD', 'PATCH', 'DELETE'])(
    'answers 412 to a %s of another version and does nothing',
    async (method) => {
      const url = await tus.made(3);
      for (const version of ['0.2.2', '']) {
        const headers = {
          'Tus-Resumable': version,
          'Upload-Offset': '0',
          'Upload-Length': '3',
          'Content-Type': 'application/offset+octet-stream',
        };
        const target = method === 'POST' ? '/api/upload' : url;
        const answer = await tus.request(method, target, headers, method === 'PATCH' ? 'abc' : undefined);
        expect([answer.status, answer.headers.get('Tus-Version'), answer.headers.get('Location')]).toEqual([
          412,
          '1.0.0',
          null,
        ]);
      }
      expect(await tus.offset(url)).toBe(0);
    },
  );

  it('needs a token, and hides the uploads of others', async () => {
    const url = await tus.made(3);
    const answer = await fetch(url, { method: 'HEAD', headers: { 'Tus-Resumable': '1.0.0' } });
    expect([answer.status, answer.headers.get('Tus-Resumable')]).toEqual([401, '1.0.0']);
    const bob = tusCaller(server, 'bob');
    expect((await bob.head(url)).status).toBe(404);
    expect((await bob.patch(url, 0, 'abc')).status).toBe(404);
    expect((await bob.request('DELETE', url)).status).toBe(404);
    expect((await server.as('bob', url)).status).toBe(404);
    expect(await tus.offset(url)).toBe(0);
  });

  it('takes X-HTTP-Method-Override for the method', async () => {
    const url = await tus.made(3);
    const headers = { 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' };
    const patched = await tus.request('POST', url, { ...headers, 'X-HTTP-Method-Override': 'PATCH' }, 'abc');
    expect([patched.status, patched.headers.get('Upload-Offset')]).toEqual([204, '3']);
    expect((await tus.request('GET', url, { 'X-HTTP-Method-Override': 'HEAD' })).headers.get('Upload-Offset')).toBe(
      '3',
    );
    expect((await tus.request('POST', url, { 'X-HTTP-Method-Override': 'DELETE' })).status).toBe(204);
    expect((await tus.head(url)).status).toBe(404);
    // An answer without the body that it announces would never end for who sent a GET.
    const gone = await tus.request('GET', url, { 'X-HTTP-Method-Override': 'HEAD' });
    expect([gone.status, (JSON.parse(await gone.text()) as { error: { code: string } }).error.code]).toEqual([
      404,
      'not_found',
    ]);
  });

  it.each(['..%2f..%2fetc', '%2e%2e', '%00', '%', 'a'.repeat(4096), 'nothing', 'x.json'])(
    'answers 4xx to the id %s',
    async (id) => {
      for (const method of ['HEAD', 'PATCH', 'DELETE', 'GET']) {
        const answer = await tus.request(method, `${server.url}/api/upload/${id}`);
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.status).toBeLessThan(500);
      }
    },
  );
});

describe('HEAD and PATCH', () => {
  it('puts odd pieces together, and the file is stored and told', async () => {
    const bytes = randomBytes(300_001);
    const url = await tus.made(bytes.length, { filename: 'b.pdf', filetype: 'application/pdf', checksum: md5(bytes) });
    const created = await tus.head(url);
    expect([created.status, created.headers.get('Upload-Offset'), created.headers.get('Upload-Length')]).toEqual([
      200,
      '0',
      '300001',
    ]);
    expect(created.headers.get('Cache-Control')).toBe('no-store');
    let offset = 0;
    for (const size of [1, 17, 65_536, 0, 99_999, 1, 134_447]) {
      const answer = await tus.patch(url, offset, bytes.subarray(offset, offset + size));
      offset += size;
      expect([answer.status, answer.headers.get('Upload-Offset')]).toEqual([204, String(offset)]);
    }
    expect(bytes.equals(await bytesOf(url))).toBe(true);
    const done = await tus.head(url);
    expect([done.headers.get('Upload-Offset'), done.headers.get('Upload-Expires')]).toEqual(['300001', null]);
    const [file] = (await (await server.as('ann', `/api/file?id=${idOf(url)}`)).json()) as object[];
    expect(file).toMatchObject({
      uploaded: true,
      sha256: sha256(bytes),
      original_filename: 'b.pdf',
      file_format: 'pdf',
    });
  });

  it('refuses another offset or content type, and changes nothing', async () => {
    const url = await tus.made(10);
    await tus.patch(url, 0, 'abc');
    expect((await tus.patch(url, 4, 'd')).status).toBe(409);
    expect((await tus.patch(url, 2, 'cd')).status).toBe(409);
    expect((await tus.patch(url, 0, 'abc')).status).toBe(409);
    for (const offset of ['-1', 'abc', '1.5', '0x0', '1e0', '+3', '03', '9007199254740993']) {
      expect((await tus.patch(url, 3, 'd', { 'Upload-Offset': offset })).status, offset).toBe(400);
    }
    expect((await tus.patch(url, 3, 'd', { 'Content-Type': 'text/plain' })).status).toBe(415);
    expect((await tus.request('PATCH', url, { 'Upload-Offset': '3' })).status).toBe(415);
    expect((await tus.patch(url, 3, 'defghijklm')).status).toBe(413);
    expect(await tus.offset(url)).toBe(3);
    expect((await tus.patch(url, 3, 'defghij')).status).toBe(204);
    expect((await bytesOf(url)).toString()).toBe('abcdefghij');
    expect((await tus.patch(url, 10, 'k')).status).toBe(413);
    expect((await tus.patch(url, 10, '')).status).toBe(204);
    expect((await bytesOf(url)).toString()).toBe('abcdefghij');
  });

  it('lets one of eight concurrent PATCHes win', async () => {
    const url = await tus.made(1_000_000);
    const bodies = Array.from({ length: 8 }, (_, index) => Buffer.alloc(1_000_000, 97 + index));
    const answers = await Promise.all(bodies.map((body) => tus.patch(url, 0, body)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      204, 409, 409, 409, 409, 409, 409, 409,
    ]);
    const stored = await bytesOf(url);
    expect(bodies.some((body) => body.equals(stored))).toBe(true);
  });

  it('does not serve an unfinished upload, and answers JSON errors', async () => {
    const url = await tus.made(3);
    await tus.patch(url, 0, 'a');
    expect(await code(await server.as('ann', url))).toBe('404 not_found');
    const conflict = await tus.patch(url, 0, 'a');
    expect(conflict.headers.get('Content-Type')).toMatch('application/json');
    expect(await code(conflict)).toBe('409 offset_conflict');
    expect((await tus.request('PUT', url)).status).toBe(405);
  });

  it('has the offset back at 0 after wrong bytes, and takes the right ones then', async () => {
    const bytes = randomBytes(1000);
    const url = await tus.made(1000, { filename: 'c.bin', checksum: md5(bytes) });
    await tus.patch(url, 0, bytes.subarray(0, 500));
    const wrong = await tus.patch(url, 500, randomBytes(500));
    expect(await code(wrong)).toBe('460 checksum_mismatch');
    expect(await tus.offset(url)).toBe(0);
    expect((await tus.patch(url, 0, bytes)).status).toBe(204);
    expect(await bytesOf(url)).toEqual(bytes);
  });

  it('serves the finished bytes without letting anybody keep them', async () => {
    const url = await tus.made(3, { filename: 'x.html', filetype: 'text/html' });
    await tus.patch(url, 0, 'abc');
    const answer = await server.as('ann', url, { headers: { Range: 'bytes=1-' } });
    expect([answer.status, await answer.text(), answer.headers.get('Cache-Control')]).toEqual([206, 'bc', 'no-store']);
    expect(answer.headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(answer.headers.get('Content-Disposition')).toBe('attachment; filename=x.html');
  });
});

describe('termination', () => {
  it('ends unfinished and finished uploads, once', async () => {
    for (const body of ['ab', 'abc']) {
      const url = await tus.made(3);
      await tus.patch(url, 0, body);
      expect((await tus.request('DELETE', url)).status).toBe(204);
      for (const method of ['HEAD', 'DELETE', 'GET']) expect((await tus.request(method, url)).status).toBe(404);
      expect((await tus.patch(url, 2, 'c')).status).toBe(404);
      expect(await (await server.as('ann', `/api/file?id=${idOf(url)}`)).json()).toEqual([]);
    }
  });
});

describe('early answers', () => {
  it('are read by the sender, and the connection works on', async () => {
    const url = await tus.made(20_000_000);
    const body = Buffer.alloc(10_000_000);
    for (let round = 0; round < 5; round += 1) {
      expect((await tus.patch(url, 7, body)).status).toBe(409);
      expect((await tus.patch(url, 0, Buffer.alloc(20_000_001))).status).toBe(413);
      expect(await tus.offset(url)).toBe(0);
    }
  });
});

describe('hanging up', () => {
  it('in the middle of a download harms nobody', async () => {
    const bytes = randomBytes(500_000);
    const url = await tus.made(bytes.length, { filename: 'x.bin' });
    await tus.patch(url, 0, bytes);
    const [file] = (await (await server.as('ann', `/api/file?id=${idOf(url)}`)).json()) as { url: string }[];
    for (let round = 0; round < 60; round += 1) {
      const target = round % 2 === 0 ? url : String(file?.url);
      await new Promise<void>((resolve) => {
        const asked = get(target, { headers: { Authorization: 'Token ann' } }, (answer) => {
          answer.on('error', () => undefined);
          if (round % 3 === 0) answer.once('data', () => asked.destroy());
          else asked.destroy();
        });
        asked.on('error', () => undefined).on('close', resolve);
        if (round % 5 === 0) asked.destroy();
      });
    }
    expect(bytes.equals(await bytesOf(url))).toBe(true);
  });
});
