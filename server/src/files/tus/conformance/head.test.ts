import { expect } from 'vitest';
import { finished, onServer, testRows, type Row } from './testing/rows.ts';

const at = onServer();

const ROWS: Row[] = [
  [
    'MUST',
    'HEAD of a new upload says that nothing is there',
    async () => expect((await at.tus.head(await at.tus.made(10))).headers.get('Upload-Offset')).toBe('0'),
  ],
  [
    'MUST',
    'HEAD says how long the upload is to be',
    async () => expect((await at.tus.head(await at.tus.made(10))).headers.get('Upload-Length')).toBe('10'),
  ],
  [
    'MUST',
    'HEAD must not be kept by anybody',
    async () => expect((await at.tus.head(await at.tus.made(10))).headers.get('Cache-Control')).toBe('no-store'),
  ],
  [
    'SHOULD',
    'HEAD is answered with 200 or 204',
    async () => expect((await at.tus.head(await at.tus.made(10))).status).toBe(200),
  ],
  [
    'SHOULD',
    'HEAD of what is unknown is 404 and tells no offset',
    async () => {
      const answer = await at.tus.head(`${at.server.url}/api/upload/${'0'.repeat(32)}`);
      expect([answer.status, answer.headers.get('Upload-Offset')]).toEqual([404, null]);
    },
  ],
  [
    'MUST',
    'HEAD of a finished upload is still answered, its offset its length',
    async () => {
      const { status, headers } = await at.tus.head(await finished(at, 'abcdef'));
      expect([status, headers.get('Upload-Offset'), headers.get('Upload-Length')]).toEqual([200, '6', '6']);
    },
  ],
];

testRows(ROWS);
