import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { BYTES, contentOf, expectOffset, finished, onServer, testRows, type Row } from './testing/rows.ts';

const at = onServer({ maxFileSize: 2 ** 43 });
const unknown = () => `${at.server.url}/api/upload/${'0'.repeat(32)}`;

const MOVES: Row[] = [
  [
    'MUST',
    'PATCH is answered with 204 and no body',
    async () => {
      const answer = await at.tus.patch(await at.tus.made(3), 0, 'abc');
      expect([answer.status, await answer.text()]).toEqual([204, '']);
    },
  ],
  [
    'MUST',
    'its Upload-Offset is the old one and what came',
    async () => {
      const url = await at.tus.made(10);
      expect((await at.tus.patch(url, 0, 'abc')).headers.get('Upload-Offset')).toBe('3');
      expect((await at.tus.patch(url, 3, 'defg')).headers.get('Upload-Offset')).toBe('7');
    },
  ],
  [
    'MUST',
    'seven pieces of odd sizes become the same bytes',
    async () => {
      const bytes = randomBytes(300_007);
      const url = await at.tus.made(bytes.length);
      let offset = 0;
      for (const size of [1, 2, 65_535, 65_537, 100_003, 3, 68_926]) {
        expect((await at.tus.patch(url, offset, bytes.subarray(offset, offset + size))).status).toBe(204);
        offset += size;
      }
      expect(offset).toBe(bytes.length);
      expect(bytes.equals(await contentOf(at, url))).toBe(true);
    },
  ],
  [
    'NEED',
    'an empty PATCH is harmless',
    async () => {
      const url = await at.tus.made(10);
      await at.tus.patch(url, 0, 'abc');
      const answer = await at.tus.patch(url, 3, '');
      expect([answer.status, answer.headers.get('Upload-Offset')]).toEqual([204, '3']);
    },
  ],
  [
    'NEED',
    'so it is on a finished upload',
    async () => {
      const url = await finished(at, 'abc');
      expect((await at.tus.patch(url, 3, '')).status).toBe(204);
      expect((await contentOf(at, url)).toString()).toBe('abc');
    },
  ],
];

const REFUSALS: Row[] = [
  [
    'SHOULD',
    'another Content-Type is 415',
    async () => {
      const url = await at.tus.made(3);
      expect((await at.tus.patch(url, 0, 'abc', { 'Content-Type': 'application/octet-stream' })).status).toBe(415);
      await expectOffset(at, url, 0);
    },
  ],
  [
    'SHOULD',
    'none is 415',
    async () => {
      const url = await at.tus.made(3);
      const body = new Blob(['abc']);
      expect((await at.tus.request('PATCH', url, { 'Upload-Offset': '0' }, body)).status).toBe(415);
      await expectOffset(at, url, 0);
    },
  ],
  [
    'MUST',
    'an offset ahead is 409 and changes nothing',
    async () => {
      const url = await at.tus.made(10);
      await at.tus.patch(url, 0, 'abc');
      expect((await at.tus.patch(url, 4, 'd')).status).toBe(409);
      await expectOffset(at, url, 3);
    },
  ],
  [
    'MUST',
    'an offset behind is 409 and changes nothing',
    async () => {
      const url = await at.tus.made(6);
      await at.tus.patch(url, 0, 'abc');
      expect((await at.tus.patch(url, 1, 'xxxxx')).status).toBe(409);
      await expectOffset(at, url, 3);
      await at.tus.patch(url, 3, 'def');
      expect((await contentOf(at, url)).toString()).toBe('abcdef');
    },
  ],
  [
    'SHOULD',
    'an unknown upload is 404',
    async () => expect((await at.tus.patch(unknown(), 0, 'abc')).status).toBe(404),
  ],
  [
    'MUST',
    'no offset is refused',
    async () => {
      const url = await at.tus.made(3);
      expect((await at.tus.request('PATCH', url, BYTES, 'abc')).status).toBe(400);
      await expectOffset(at, url, 0);
    },
  ],
  [
    'MUST',
    'what is no offset is refused',
    async () => {
      const url = await at.tus.made(3);
      for (const offset of ['-1', 'abc', '1.5', '0x0', '1e0', '+0', '00', ' ', '0, 0']) {
        expect((await at.tus.patch(url, 0, 'abc', { 'Upload-Offset': offset })).status, offset).toBe(400);
      }
      await expectOffset(at, url, 0);
    },
  ],
  [
    'MUST',
    'more bytes than the length are refused and never stored',
    async () => {
      const url = await at.tus.made(3);
      expect((await at.tus.patch(url, 0, 'abcd')).status).toBe(413);
      const offset = await at.tus.offset(url);
      expect(offset).toBeLessThanOrEqual(3);
      await at.tus.patch(url, offset, 'abc'.slice(offset));
      expect((await contentOf(at, url)).toString()).toBe('abc');
    },
  ],
  [
    'MUST',
    'so are more bytes for a finished upload',
    async () => {
      const url = await finished(at, 'abc');
      expect((await at.tus.patch(url, 3, 'd')).status).toBe(413);
      await expectOffset(at, url, 3);
      expect((await contentOf(at, url)).toString()).toBe('abc');
    },
  ],
  [
    'MUST',
    'of eight at once one wins, and the bytes are those of one sender',
    async () => {
      const url = await at.tus.made(1_048_576);
      const bodies = Array.from({ length: 8 }, (_, index) => Buffer.alloc(1_048_576, 97 + index));
      const answers = await Promise.all(bodies.map((body) => at.tus.patch(url, 0, body)));
      const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
      expect(statuses).toEqual([204, ...Array<number>(7).fill(409)]);
      const stored = await contentOf(at, url);
      expect(bodies.some((body) => body.equals(stored))).toBe(true);
    },
  ],
  [
    'NEED',
    'the same PATCH twice, as its answer was lost, is 409 the second time',
    async () => {
      const url = await at.tus.made(6);
      expect((await at.tus.patch(url, 0, 'abc')).status).toBe(204);
      expect((await at.tus.patch(url, 0, 'abc')).status).toBe(409);
      await at.tus.patch(url, 3, 'def');
      expect((await contentOf(at, url)).toString()).toBe('abcdef');
    },
  ],
];

const LENGTHS: Row[] = [
  [
    'NEED',
    'an upload of 5 TiB is taken, and its length repeated exactly',
    async () => {
      const length = 5 * 2 ** 40;
      const url = await at.tus.made(length);
      expect((await at.tus.head(url)).headers.get('Upload-Length')).toBe('5497558138880');
      expect((await at.tus.request('DELETE', url)).status).toBe(204);
    },
  ],
  [
    'NEED',
    'a length that a number cannot hold is refused, never rounded',
    async () => expect((await at.tus.create(0, undefined, { 'Upload-Length': '9007199254740993' })).status).toBe(400),
  ],
  [
    'NEED',
    'PUT is no way to write',
    async () => {
      const url = await at.tus.made(3);
      expect((await at.tus.request('PUT', url, { 'Upload-Offset': '0', ...BYTES }, 'abc')).status).toBe(405);
      await expectOffset(at, url, 0);
    },
  ],
];

testRows([...MOVES, ...REFUSALS, ...LENGTHS]);
