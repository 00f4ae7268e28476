import { expect } from 'vitest';
import { finished, onServer, testRows, type Row } from './testing/rows.ts';

const PERIOD = 3_600;
const at = onServer({ uploadExpiry: PERIOD });
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/** Everything that happens from here on is so much later. */
function pass(seconds: number): void {
  at.server.time.ahead += seconds * 1000;
}

const ROWS: Row[] = [
  [
    'MUST',
    'uploads that expire are announced as an extension',
    async () => {
      const answer = await at.tus.request('OPTIONS', '/api/upload');
      expect(answer.headers.get('Tus-Extension')?.split(',')).toContain('expiration');
    },
  ],
  [
    'MUST',
    'POST says when, as a date of HTTP',
    async () => expect((await at.tus.create(3)).headers.get('Upload-Expires')).toMatch(HTTP_DATE),
  ],
  [
    'MUST',
    'so does each PATCH of an unfinished upload',
    async () => {
      const url = await at.tus.made(3);
      for (const [offset, byte] of ['a', 'b'].entries()) {
        expect((await at.tus.patch(url, offset, byte)).headers.get('Upload-Expires')).toMatch(HTTP_DATE);
      }
    },
  ],
  [
    'NEED',
    'so does HEAD',
    async () => expect((await at.tus.head(await at.tus.made(3))).headers.get('Upload-Expires')).toMatch(HTTP_DATE),
  ],
  [
    'SHOULD',
    'PATCH of an expired upload is 410, 404 when it was swept away',
    async () => {
      const url = await at.tus.made(3);
      pass(PERIOD + 1);
      expect((await at.tus.patch(url, 0, 'abc')).status).toBe(410);
      await at.server.service.sweep();
      expect((await at.tus.patch(url, 0, 'abc')).status).toBe(404);
    },
  ],
  [
    'SHOULD',
    'so is HEAD',
    async () => {
      const url = await at.tus.made(3);
      pass(PERIOD + 1);
      expect((await at.tus.head(url)).status).toBe(410);
      await at.server.service.sweep();
      expect((await at.tus.head(url)).status).toBe(404);
    },
  ],
  [
    'NEED',
    'a finished upload does not expire',
    async () => {
      const url = await finished(at, 'abc');
      pass(PERIOD * 10);
      const { status, headers } = await at.tus.head(url);
      expect([status, headers.get('Upload-Offset'), headers.get('Upload-Expires')]).toEqual([200, '3', null]);
    },
  ],
  [
    'MAY',
    'what is swept away is unfinished',
    async () => {
      const done = await finished(at, 'abc');
      const open = await at.tus.made(3);
      pass(PERIOD * 10);
      await at.server.service.sweep();
      expect((await at.tus.head(open)).status).toBe(404);
      expect(await (await at.tus.request('GET', done)).text()).toBe('abc');
    },
  ],
];

testRows(ROWS);
