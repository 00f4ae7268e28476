import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { contentOf, onServer, testRows, type Row } from './testing/rows.ts';

const MAX = 1_048_576;
const at = onServer({ maxFileSize: MAX });

/** The URL of an upload of unknown length that has these bytes. */
async function begun(bytes = ''): Promise<string> {
  const url = await at.tus.made(null);
  if (bytes !== '') expect((await at.tus.patch(url, 0, bytes)).status).toBe(204);
  return url;
}

const lengths = async (url: string) => {
  const { headers } = await at.tus.head(url);
  return [headers.get('Upload-Length'), headers.get('Upload-Defer-Length')];
};
const finish = (url: string, offset: number, body: string, length: string | number) =>
  at.tus.patch(url, offset, body, { 'Upload-Length': String(length) });

const ROWS: Row[] = [
  ['MUST', 'POST with Upload-Defer-Length: 1 is 201', async () => expect((await at.tus.create(null)).status).toBe(201)],
  [
    'MUST',
    'HEAD says that the length is not known',
    async () => expect(await lengths(await begun())).toEqual([null, '1']),
  ],
  [
    'SHOULD',
    'any other value is 400',
    async () => {
      for (const value of ['0', '2', 'true', '']) {
        expect((await at.tus.create(null, undefined, { 'Upload-Defer-Length': value })).status, value).toBe(400);
      }
    },
  ],
  [
    'MUST',
    'bytes are taken before the length is known',
    async () => {
      const url = await begun('abc');
      expect((await at.tus.patch(url, 3, 'def')).status).toBe(204);
      expect(await at.tus.offset(url)).toBe(6);
    },
  ],
  [
    'MUST',
    'a PATCH fixes the length',
    async () => {
      const url = await begun('abc');
      expect((await finish(url, 3, 'd', 6)).status).toBe(204);
      expect(await lengths(url)).toEqual(['6', null]);
    },
  ],
  [
    'MUST',
    'a fixed length is not changed',
    async () => {
      const url = await begun('abc');
      await finish(url, 3, '', 6);
      for (const length of [5, 7]) expect((await finish(url, 3, '', length)).status).toBe(400);
      expect(await lengths(url)).toEqual(['6', null]);
    },
  ],
  [
    'NEED',
    'nor is it below what came',
    async () => {
      const url = await begun('abc');
      expect((await finish(url, 3, '', 2)).status).toBe(400);
      expect(await lengths(url)).toEqual([null, '1']);
    },
  ],
  [
    'NEED',
    'one over the maximum is 413',
    async () => {
      const url = await begun('abc');
      expect((await finish(url, 3, '', MAX + 1)).status).toBe(413);
      expect(await lengths(url)).toEqual([null, '1']);
    },
  ],
  [
    'MUST',
    'one PATCH may fix it and complete the upload',
    async () => {
      const url = await begun();
      expect((await finish(url, 0, 'abc', 3)).status).toBe(204);
      expect((await contentOf(at, url)).toString()).toBe('abc');
    },
  ],
  [
    'NEED',
    'so may an empty one',
    async () => {
      const url = await begun('abc');
      expect((await finish(url, 3, '', 3)).status).toBe(204);
      expect((await contentOf(at, url)).toString()).toBe('abc');
    },
  ],
  [
    'NEED',
    'who got no answer says the same length again',
    async () => {
      const url = await begun('abc');
      expect((await finish(url, 3, 'd', 6)).status).toBe(204);
      expect((await finish(url, 4, 'ef', 6)).status).toBe(204);
      expect((await contentOf(at, url)).toString()).toBe('abcdef');
    },
  ],
  [
    'NEED',
    'without any length the maximum is the end',
    async () => {
      const url = await begun();
      expect((await at.tus.patch(url, 0, randomBytes(MAX + 1))).status).toBe(413);
      expect(await at.tus.offset(url)).toBeLessThanOrEqual(MAX);
    },
  ],
];

testRows(ROWS);
