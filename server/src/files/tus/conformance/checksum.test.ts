import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { BYTES, contentOf, expectOffset, onServer, testRows, type Row } from './testing/rows.ts';
import { openWire } from './testing/wire.ts';

const at = onServer();
const sha1 = (bytes: string) => `sha1 ${createHash('sha1').update(bytes).digest('base64')}`;
const checked = (url: string, offset: number, body: string, checksum: string) =>
  at.tus.patch(url, offset, body, { 'Upload-Checksum': checksum });

const ROWS: Row[] = [
  [
    'MUST',
    'OPTIONS names the algorithms, sha1 among them',
    async () => {
      const answer = await at.tus.request('OPTIONS', '/api/upload');
      expect(answer.headers.get('Tus-Checksum-Algorithm')?.split(',')).toContain('sha1');
    },
  ],
  [
    'MUST',
    'bytes with their checksum are taken',
    async () => {
      const url = await at.tus.made(3);
      expect((await checked(url, 0, 'abc', sha1('abc'))).status).toBe(204);
      expect((await contentOf(at, url)).toString()).toBe('abc');
    },
  ],
  [
    'MUST',
    'with another one they are 460 and thrown away',
    async () => {
      const url = await at.tus.made(3);
      expect((await checked(url, 0, 'abc', sha1('abd'))).status).toBe(460);
      await expectOffset(at, url, 0);
    },
  ],
  [
    'MAY',
    'an unknown algorithm is 400, and they are thrown away',
    async () => {
      const url = await at.tus.made(3);
      expect((await checked(url, 0, 'abc', 'crc99 YWJj')).status).toBe(400);
      await expectOffset(at, url, 0);
    },
  ],
  [
    'NEED',
    'what is no checksum is 400, and they are thrown away',
    async () => {
      const url = await at.tus.made(3);
      for (const value of ['sha1', 'sha1 ', 'sha1 !!!', 'sha1 YWJj', `${sha1('abc')} x`, '']) {
        expect((await checked(url, 0, 'abc', value)).status, value).toBe(400);
      }
      await expectOffset(at, url, 0);
    },
  ],
  [
    'MUST',
    'after a 460 the right bytes complete the upload',
    async () => {
      const url = await at.tus.made(3);
      expect((await checked(url, 0, 'xyz', sha1('abc'))).status).toBe(460);
      expect((await checked(url, 0, 'abc', sha1('abc'))).status).toBe(204);
      expect((await contentOf(at, url)).toString()).toBe('abc');
    },
  ],
  [
    'MUST',
    'what came before a 460 stays',
    async () => {
      const url = await at.tus.made(9);
      await at.tus.patch(url, 0, 'abc');
      expect((await checked(url, 3, 'xyz', sha1('def'))).status).toBe(460);
      await expectOffset(at, url, 3);
      await at.tus.patch(url, 3, 'defghi');
      expect((await contentOf(at, url)).toString()).toBe('abcdefghi');
    },
  ],
  [
    'MAY',
    'a checksum may follow the bytes',
    async () => {
      const url = await at.tus.made(3);
      const headers = { ...BYTES, 'Upload-Offset': 0, 'Transfer-Encoding': 'chunked', Trailer: 'Upload-Checksum' };
      for (const [checksum, status] of [
        [sha1('abd'), 460],
        [sha1('abc'), 204],
      ] as const) {
        const wire = await openWire(url);
        wire.head('PATCH', headers);
        wire.write(`3\r\nabc\r\n0\r\nUpload-Checksum: ${checksum}\r\n\r\n`);
        await wire.hear(new RegExp(`^HTTP/1\\.1 ${status} `));
        wire.cut();
        await expectOffset(at, url, status === 204 ? 3 : 0);
      }
    },
  ],
];

testRows(ROWS);
