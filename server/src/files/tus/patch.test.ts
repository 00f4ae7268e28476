import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFiles, type FilesServer } from '../testing/server.ts';
import { tusCaller, type TusCaller } from '../testing/tus.ts';

/** What the protocol and clients on poor connections ask of PATCH, which is ours. */
let server: FilesServer;
let tus: TusCaller;
beforeAll(async () => {
  server = await startFiles({ maxFileSize: 1_048_576 });
  await server.user('ann');
  tus = tusCaller(server, 'ann');
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.stop();
});

const BYTES = randomBytes(100_000);
const part = (from: number, to?: number) => BYTES.subarray(from, to) as BodyInit;
const HEADERS = {
  Authorization: 'Token ann',
  'Tus-Resumable': '1.0.0',
  'Content-Type': 'application/offset+octet-stream',
};

async function content(url: string): Promise<Buffer> {
  return Buffer.from(await (await tus.request('GET', url)).arrayBuffer());
}

/** A PATCH written piece by piece, without a length. */
async function stream(url: string, offset: number, pieces: readonly Buffer[]): Promise<number> {
  const sent = request(url, { method: 'PATCH', headers: { ...HEADERS, 'Upload-Offset': offset } });
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  for (const piece of pieces) {
    sent.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  sent.end();
  const [answer] = await answered;
  answer.resume();
  return answer.statusCode ?? 0;
}

describe('PATCH', () => {
  it('answers 204 without a body, and moves the offset by what it brought', async () => {
    const url = await tus.made(BYTES.length);
    const answer = await tus.patch(url, 0, part(0, 777));
    expect([answer.status, answer.headers.get('Upload-Offset'), await answer.text()]).toEqual([204, '777', '']);
    expect(answer.headers.get('Tus-Resumable')).toBe('1.0.0');
    expect(answer.headers.get('Upload-Expires')).toMatch(/GMT$/);
    const empty = await tus.patch(url, 777, '');
    expect([empty.status, empty.headers.get('Upload-Offset')]).toEqual([204, '777']);
  });

  it.each(['-1', 'abc', '1.5', '0x0', '1e0', '+0', ''])('refuses the offset %j and changes nothing', async (offset) => {
    const url = await tus.made(10);
    expect((await tus.patch(url, 0, 'abc', { 'Upload-Offset': offset })).status).toBe(400);
    expect(await tus.offset(url)).toBe(0);
  });

  it('refuses what goes past the end, with a length and without, and never stores it', async () => {
    const url = await tus.made(1000);
    expect((await tus.patch(url, 0, part(0, 1001))).status).toBe(413);
    expect(await tus.offset(url)).toBe(0);
    expect(await stream(url, 0, [BYTES.subarray(0, 600), BYTES.subarray(600, 1200)])).toBe(413);
    const offset = await tus.offset(url);
    expect(offset).toBeLessThanOrEqual(1000);
    expect((await tus.patch(url, offset, part(offset, 1000))).status).toBe(204);
    expect((await content(url)).equals(BYTES.subarray(0, 1000))).toBe(true);
  });

  it('takes nothing more when the upload is finished, and an empty one harmlessly', async () => {
    const url = await tus.made(3);
    expect((await tus.patch(url, 0, 'abc')).status).toBe(204);
    expect((await tus.patch(url, 3, 'd')).status).toBe(413);
    expect((await tus.patch(url, 3, '')).status).toBe(204);
    expect((await content(url)).toString()).toBe('abc');
  });

  it('takes a body of unknown length, dripping', async () => {
    const url = await tus.made(BYTES.length);
    const pieces = Array.from({ length: 40 }, (_, index) => BYTES.subarray(index * 2_500, (index + 1) * 2_500));
    expect(await stream(url, 0, pieces)).toBe(204);
    expect((await content(url)).equals(BYTES)).toBe(true);
  });

  it('answers 100-continue', async () => {
    const url = new URL(await tus.made(3));
    const socket = connect(Number(url.port), url.hostname);
    const lines = Object.entries({
      ...HEADERS,
      Host: url.host,
      'Upload-Offset': 0,
      'Content-Length': 3,
      Expect: '100-continue',
    });
    socket.write(
      `PATCH ${url.pathname} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
    );
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1\.1 100 /);
    socket.write('abc');
    const [second] = (await once(socket, 'data')) as [Buffer];
    expect(second.toString()).toMatch(/^HTTP\/1\.1 204 /);
    socket.destroy();
  });

  it('sent twice, as its answer was lost, is refused the second time and harms nothing', async () => {
    const url = await tus.made(6);
    expect((await tus.patch(url, 0, 'abc')).status).toBe(204);
    expect((await tus.patch(url, 0, 'xyz')).status).toBe(409);
    expect((await tus.patch(url, 3, 'def')).status).toBe(204);
    expect((await content(url)).toString()).toBe('abcdef');
  });

  it('that is refused early leaves the connection usable', async () => {
    const url = await tus.made(1_000_000);
    const answer = await tus.patch(url, 5, randomBytes(900_000) as BodyInit);
    expect(answer.status).toBe(409);
    expect(await tus.offset(url)).toBe(0);
  });
});

describe('a deferred length', () => {
  const deferred = () => tus.made(null);

  it('is fixed by a PATCH, may be repeated, and not changed', async () => {
    const url = await deferred();
    expect((await tus.patch(url, 0, 'abc')).status).toBe(204);
    expect((await tus.patch(url, 3, 'd', { 'Upload-Length': '6' })).status).toBe(204);
    expect((await tus.patch(url, 4, 'e', { 'Upload-Length': '6' })).status).toBe(204);
    expect((await tus.patch(url, 5, 'f', { 'Upload-Length': '7' })).status).toBe(400);
    const head = await tus.head(url);
    expect([head.headers.get('Upload-Length'), head.headers.get('Upload-Defer-Length')]).toEqual(['6', null]);
    expect((await tus.patch(url, 5, 'f')).status).toBe(204);
    expect((await content(url)).toString()).toBe('abcdef');
  });

  it('is not below what came, nor above the maximum; neither are its bytes', async () => {
    const url = await deferred();
    await tus.patch(url, 0, 'abc');
    expect((await tus.patch(url, 3, '', { 'Upload-Length': '2' })).status).toBe(400);
    expect((await tus.patch(url, 3, '', { 'Upload-Length': '1048577' })).status).toBe(413);
    expect((await tus.patch(url, 3, randomBytes(1_048_574) as BodyInit)).status).toBe(413);
    expect(
      await stream(
        url,
        3,
        Array.from({ length: 3 }, () => randomBytes(500_000)),
      ),
    ).toBe(413);
    expect(await tus.offset(url)).toBeLessThanOrEqual(1_048_576);
  });
});
