import { expect } from 'vitest';
import { contentOf, expectOffset, finished, onServer, testRows, uploadsOf, type Row } from './testing/rows.ts';

const at = onServer({ maxFileSize: 1_048_576 });
const PART = { 'Upload-Concat': 'partial' };

async function part(bytes: string | Buffer, metadata?: Record<string, string>): Promise<string> {
  const url = await at.tus.made(bytes.length, metadata, PART);
  if (bytes.length > 0) expect((await at.tus.patch(url, 0, bytes as BodyInit)).status).toBe(204);
  return url;
}

const join = (urls: string[], headers: Record<string, string> = {}) =>
  at.tus.request('POST', '/api/upload', { 'Upload-Concat': `final;${urls.join(' ')}`, ...headers });

/** The URL of the whole. */
async function joined(urls: string[], headers?: Record<string, string>): Promise<string> {
  const answer = await join(urls, headers);
  expect(answer.status).toBe(201);
  return String(answer.headers.get('Location'));
}

async function refused(urls: string[], status: number): Promise<void> {
  const before = uploadsOf(at);
  expect([(await join(urls)).status, uploadsOf(at)]).toEqual([status, before]);
}

const ROWS: Row[] = [
  ['MUST', 'POST of a part is 201', async () => expect((await at.tus.create(3, undefined, PART)).status).toBe(201)],
  [
    'MUST',
    'HEAD of a part says that it is one, and its offset',
    async () => {
      const { headers } = await at.tus.head(await part('abc'));
      expect([headers.get('Upload-Concat'), headers.get('Upload-Offset')]).toEqual(['partial', '3']);
    },
  ],
  [
    'MUST',
    'a whole has the length of its parts, and all of it',
    async () => {
      const { headers } = await at.tus.head(await joined([await part('abc'), await part('defg')]));
      expect([headers.get('Upload-Length'), headers.get('Upload-Offset')]).toEqual(['7', '7']);
    },
  ],
  [
    'MUST',
    'its bytes are those of its parts, in the order listed',
    async () => {
      const [first, second] = [await part('abc'), await part('defg')];
      expect((await contentOf(at, await joined([second, first]))).toString()).toBe('defgabc');
    },
  ],
  [
    'MUST',
    'HEAD of a whole repeats what it was made of',
    async () => {
      const urls = [await part('abc'), await part('defg')];
      const { headers } = await at.tus.head(await joined(urls));
      expect(headers.get('Upload-Concat')).toBe(`final;${urls.join(' ')}`);
    },
  ],
  [
    'MUST',
    'PATCH of a whole is 403 and changes nothing',
    async () => {
      const url = await joined([await part('abc')]);
      for (const offset of [0, 3]) expect((await at.tus.patch(url, offset, 'x')).status).toBe(403);
      await expectOffset(at, url, 3);
      expect((await contentOf(at, url)).toString()).toBe('abc');
    },
  ],
  [
    'MAY',
    'parts may be named without the host',
    async () => {
      const urls = [await part('abc'), await part('def')].map((url) => new URL(url).pathname);
      expect((await contentOf(at, await joined(urls))).toString()).toBe('abcdef');
    },
  ],
  [
    'MAY',
    'a part may be used twice, and again',
    async () => {
      const url = await part('abc');
      expect((await contentOf(at, await joined([url, url]))).toString()).toBe('abcabc');
      expect((await contentOf(at, await joined([url]))).toString()).toBe('abc');
    },
  ],
  [
    'MUST',
    'a whole has its own metadata and none of its parts',
    async () => {
      const url = await part('abc', { filename: 'part.txt' });
      const raw = `filename ${Buffer.from('whole.txt').toString('base64')}`;
      const own = await at.tus.head(await joined([url], { 'Upload-Metadata': raw }));
      expect(own.headers.get('Upload-Metadata')).toBe(raw);
      expect((await at.tus.head(await joined([url]))).headers.get('Upload-Metadata')).toBe(null);
    },
  ],
  [
    'MUST',
    'an unfinished part makes no whole',
    async () => refused([await part('abc'), await at.tus.made(3, undefined, PART)], 400),
  ],
  [
    'NEED',
    'an unknown one neither',
    async () => refused([await part('abc'), `${at.server.url}/api/upload/${'0'.repeat(32)}`], 404),
  ],
  [
    'NEED',
    'what is neither a part nor a whole is 400',
    async () => {
      for (const value of ['foo', 'final', 'final;', 'partial;x', '']) {
        expect((await at.tus.create(3, undefined, { 'Upload-Concat': value })).status, value).toBe(400);
      }
    },
  ],
  ['NEED', 'an upload of its own is no part', async () => refused([await finished(at, 'abc')], 400)],
  [
    'NEED',
    'a whole over the maximum is 413',
    async () => {
      const half = await part(Buffer.alloc(600_000));
      await refused([half, half], 413);
    },
  ],
];

testRows(ROWS);
