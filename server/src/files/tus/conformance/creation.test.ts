import { expect } from 'vitest';
import { BYTES, onServer, testRows, uploadsOf, type Row } from './testing/rows.ts';

const MAX = 10 * 1_048_576;
const at = onServer({ maxFileSize: MAX });
const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');

/** The metadata that HEAD repeats for an upload that was made with these. */
async function echoed(raw: string | null): Promise<string | null> {
  const made = await at.tus.create(1, undefined, raw === null ? {} : { 'Upload-Metadata': raw });
  expect([raw, made.status]).toEqual([raw, 201]);
  return (await at.tus.head(String(made.headers.get('Location')))).headers.get('Upload-Metadata');
}

async function refused(headers: Record<string, string>, status: number): Promise<void> {
  const before = uploadsOf(at);
  const answer = await at.tus.request('POST', '/api/upload', headers);
  expect([headers, answer.status, uploadsOf(at)]).toEqual([headers, status, before]);
}

const LENGTH: Row[] = [
  ['MUST', 'POST with a length is 201', async () => expect((await at.tus.create(3)).status).toBe(201)],
  [
    'MUST',
    'the Location leads to the upload',
    async () => expect((await at.tus.head(await at.tus.made(3))).status).toBe(200),
  ],
  [
    'NEED',
    'a hundred at once are a hundred uploads',
    async () => {
      const urls = await Promise.all(Array.from({ length: 100 }, () => at.tus.made(3)));
      expect(new Set(urls).size).toBe(100);
    },
  ],
  ['MUST', 'POST without any length is 400', async () => refused({}, 400)],
  [
    'MUST',
    'what is no length is 400',
    async () => {
      for (const length of ['-1', 'abc', '1.5', '0x10', '1e3', '+5', '05', '', '1, 1']) {
        await refused({ 'Upload-Length': length }, 400);
      }
    },
  ],
  [
    'MUST',
    'an upload of nothing is complete when it is made',
    async () => {
      const { status, headers } = await at.tus.head(await at.tus.made(0));
      expect([status, headers.get('Upload-Offset'), headers.get('Upload-Length')]).toEqual([200, '0', '0']);
    },
  ],
  ['MUST', 'a length over the maximum is 413', async () => refused({ 'Upload-Length': String(MAX + 1) }, 413)],
  ['NEED', 'the maximum itself is taken', async () => expect((await at.tus.create(MAX)).status).toBe(201)],
  [
    'MUST',
    'a length and none together are 400',
    async () => refused({ 'Upload-Length': '3', 'Upload-Defer-Length': '1' }, 400),
  ],
];

const METADATA: Row[] = [
  [
    'MUST',
    'HEAD repeats the metadata as they were sent',
    async () => {
      const raw = `filename ${base64('a.txt')},filetype ${base64('text/plain')}`;
      expect(await echoed(raw)).toBe(raw);
    },
  ],
  [
    'MAY',
    'a key may have no value',
    async () => {
      const raw = `is_confidential,filename ${base64('a.txt')}`;
      expect(await echoed(raw)).toBe(raw);
    },
  ],
  [
    'MUST',
    'a key twice is 400',
    async () => refused({ 'Upload-Length': '1', 'Upload-Metadata': 'a YQ==,a Yg==' }, 400),
  ],
  [
    'MUST',
    'a value that is not Base64 is 400',
    async () => {
      for (const value of ['!!!', 'YQ', 'YQ=', 'Y Q==', 'YQ==YQ==']) {
        await refused({ 'Upload-Length': '1', 'Upload-Metadata': `a ${value}` }, 400);
      }
    },
  ],
  [
    'MUST',
    'an empty key is 400',
    async () => {
      for (const raw of ['', ',', 'a YQ==,', ',a YQ==', 'a YQ==, YQ==']) {
        await refused({ 'Upload-Length': '1', 'Upload-Metadata': raw }, 400);
      }
    },
  ],
  [
    'NEED',
    'keys that every object of a program has are keys like others',
    async () => {
      const raw = ['constructor', 'toString', '__proto__', 'hasOwnProperty'].map((key) => `${key} YQ==`).join(',');
      expect(await echoed(raw)).toBe(raw);
    },
  ],
  [
    'MUST',
    'a value that is no text is repeated byte by byte',
    async () => {
      const raw = `bin ${base64(Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x31]))}`;
      expect(await echoed(raw)).toBe(raw);
    },
  ],
  [
    'NEED',
    'six kilobytes of them are taken',
    async () => {
      const raw = `long ${base64('x'.repeat(4_600))}`;
      expect(raw.length).toBeGreaterThan(6_000);
      expect(await echoed(raw)).toBe(raw);
    },
  ],
  ['NEED', 'without any HEAD has none', async () => expect(await echoed(null)).toBe(null)],
  [
    'SHOULD',
    'a file name cannot bring headers into an answer',
    async () => {
      const name = base64('a"\r\nX-Evil: 1\r\n.png');
      const made = await at.tus.create(3, undefined, { 'Upload-Metadata': `filename ${name}`, ...BYTES }, 'abc');
      const answer = await at.tus.request('GET', String(made.headers.get('Location')));
      expect([answer.status, answer.headers.get('X-Evil'), await answer.text()]).toEqual([200, null, 'abc']);
    },
  ],
  [
    'NEED',
    'a file name may be of any script',
    async () => {
      const made = await at.tus.create(3, { filename: '日本 ü.txt' }, BYTES, 'abc');
      const answer = await at.tus.request('GET', String(made.headers.get('Location')));
      expect(answer.status).toBe(200);
      expect(answer.headers.get('Content-Disposition')).toContain(
        `filename*=UTF-8''${encodeURIComponent('日本 ü.txt')}`,
      );
    },
  ],
];

testRows([...LENGTH, ...METADATA]);
