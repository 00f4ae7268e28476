import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { md5 } from '../testing/files.ts';
import { startFiles, type FilesServer } from '../testing/server.ts';
import { tusCaller, type TusCaller } from '../testing/tus.ts';

let server: FilesServer;
let tus: TusCaller;

beforeAll(async () => {
  server = await startFiles({ maxFileSize: 100_000 });
  await server.user('ann');
  await server.user('bob');
  tus = tusCaller(server, 'ann');
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.stop();
});

const text = async (url: string) => await (await server.as('ann', url)).text();

describe('checksum', () => {
  const sum = (algorithm: string, bytes: string) =>
    `${algorithm} ${createHash(algorithm).update(bytes).digest('base64')}`;

  it.each(['sha1', 'md5', 'sha256', 'sha512'])('takes bytes that match their %s', async (algorithm) => {
    const url = await tus.made(3);
    expect((await tus.patch(url, 0, 'abc', { 'Upload-Checksum': sum(algorithm, 'abc') })).status).toBe(204);
    expect(await text(url)).toBe('abc');
  });

  it('discards a piece that does not match, keeps those before, and takes the right one', async () => {
    const url = await tus.made(9);
    await tus.patch(url, 0, 'abc');
    expect((await tus.patch(url, 3, 'xxx', { 'Upload-Checksum': sum('sha1', 'def') })).status).toBe(460);
    expect(await tus.offset(url)).toBe(3);
    expect((await tus.patch(url, 3, 'def', { 'Upload-Checksum': sum('sha1', 'def') })).status).toBe(204);
    expect((await tus.patch(url, 6, 'ghi')).status).toBe(204);
    expect(await text(url)).toBe('abcdefghi');
  });

  it('refuses what it cannot check', async () => {
    const url = await tus.made(3);
    for (const value of ['crc32 AAAA', 'sha1', 'sha1 !!!', 'sha1 YQ==', '']) {
      expect((await tus.patch(url, 0, 'abc', { 'Upload-Checksum': value })).status, value).toBe(400);
    }
    expect(await tus.offset(url)).toBe(0);
  });

  it('takes a trailer for it', async () => {
    const url = await tus.made(6);
    expect(await patchWithTrailer(url, 0, 'xyz', sum('sha1', 'abc'))).toMatch(/^HTTP\/1.1 460 /);
    expect(await patchWithTrailer(url, 0, 'abc', sum('sha256', 'abc'))).toMatch(/^HTTP\/1.1 204 /);
    expect(await tus.offset(url)).toBe(3);
  });
});

function patchWithTrailer(url: string, offset: number, body: string, checksum: string): Promise<string> {
  const { port, host, pathname } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(
    [
      `PATCH ${pathname} HTTP/1.1`,
      `Host: ${host}`,
      'Authorization: Token ann',
      'Tus-Resumable: 1.0.0',
      `Upload-Offset: ${offset}`,
      'Content-Type: application/offset+octet-stream',
      'Transfer-Encoding: chunked',
      'Trailer: Upload-Checksum',
      'Connection: close',
      '',
      body.length.toString(16),
      body,
      '0',
      `Upload-Checksum: ${checksum}`,
      '',
      '',
    ].join('\r\n'),
  );
  return new Promise((resolve, reject) => {
    let answer = '';
    socket.on('data', (chunk) => (answer += String(chunk)));
    socket.on('end', () => resolve(answer)).on('error', reject);
  });
}

describe('concatenation', () => {
  const part = async (bytes: string | Buffer, metadata?: Record<string, string>) => {
    const url = await tus.made(bytes.length, metadata, { 'Upload-Concat': 'partial' });
    await tus.patch(url, 0, bytes as BodyInit);
    return url;
  };
  const join = (urls: string[], headers: Record<string, string> = {}) =>
    tus.request('POST', '/api/upload', { 'Upload-Concat': `final;${urls.join(' ')}`, ...headers });

  it('joins parts in the order listed, whatever form their URLs have', async () => {
    const a = await part('aaa', { filename: 'part.bin' });
    const b = await part('bbbb');
    expect((await tus.head(a)).headers.get('Upload-Concat')).toBe('partial');
    const whole = `checksum ${Buffer.from(md5(Buffer.from('bbbbaaabbbb'))).toString('base64')}`;
    const urls = [new URL(b).pathname, a, b];
    const answer = await join(urls, { 'Upload-Metadata': whole });
    expect(answer.status).toBe(201);
    const url = String(answer.headers.get('Location'));
    expect(await text(url)).toBe('bbbbaaabbbb');
    const head = await tus.head(url);
    expect([head.headers.get('Upload-Length'), head.headers.get('Upload-Offset')]).toEqual(['11', '11']);
    expect(head.headers.get('Upload-Concat')).toBe(`final;${urls.join(' ')}`);
    expect(head.headers.get('Upload-Metadata')).toBe(whole);
    expect((await tus.patch(url, 11, 'x')).status).toBe(403);
    // A part can be used again.
    expect(await text(String((await join([a])).headers.get('Location')))).toBe('aaa');
    expect(await text(a)).toBe('aaa');
  });

  it('refuses what is no finished part of the caller', async () => {
    const unfinished = await tus.made(5, undefined, { 'Upload-Concat': 'partial' });
    expect((await join([unfinished])).status).toBe(400);
    const whole = await tus.made(1);
    await tus.patch(whole, 0, 'a');
    expect((await join([whole])).status).toBe(400);
    expect((await join([`${server.url}/api/upload/${'0'.repeat(32)}`])).status).toBe(404);
    const bobs = await tusCaller(server, 'bob').made(0, undefined, { 'Upload-Concat': 'partial' });
    expect((await join([bobs])).status).toBe(404);
    expect((await join(['nonsense'])).status).toBe(404);
    for (const concat of ['foo', 'final;', '']) {
      expect((await tus.create(1, undefined, { 'Upload-Concat': concat })).status, concat).toBe(400);
    }
  });

  it('refuses a whole that is too large or not what was announced', async () => {
    const half = await part(randomBytes(60_000));
    expect((await join([half, half])).status).toBe(413);
    const wrong = `checksum ${Buffer.from('0'.repeat(32)).toString('base64')}`;
    expect((await join([half], { 'Upload-Metadata': wrong })).status).toBe(460);
  });
});
