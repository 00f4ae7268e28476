import { request } from 'node:http';
import { expect } from 'vitest';
import { finished, onServer, testRows, type Row } from './testing/rows.ts';
import { openWire } from './testing/wire.ts';

const at = onServer();
const get = (url: string, headers: Record<string, string> = {}) => at.tus.request('GET', url, headers);

/** The status for an address sent as it stands: `fetch` would tidy it up. */
function statusOf(method: string, path: string): Promise<number> {
  const { port } = new URL(at.server.url);
  return new Promise((resolve, reject) => {
    const headers = { Authorization: 'Token ann', 'Tus-Resumable': '1.0.0' };
    const sent = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', reject).end();
  });
}

async function expectRefused(ids: string[]): Promise<void> {
  for (const id of ids) {
    for (const method of ['HEAD', 'GET', 'PATCH', 'DELETE']) {
      const status = await statusOf(method, `/api/upload/${id}`);
      expect([method, id.slice(0, 20), status >= 400 && status < 500]).toEqual([method, id.slice(0, 20), true]);
    }
  }
}

const HARDENING: Row[] = [
  [
    'NEED',
    'addresses that climb lead nowhere',
    async () =>
      expectRefused([
        '..%2f..%2fcambium.db',
        '%2e%2e',
        '..\\..\\cambium.db',
        '../../cambium.db',
        '.',
        '..',
        '%2e%2e%2f',
      ]),
  ],
  [
    'NEED',
    'addresses that are none are refused',
    async () => expectRefused(['%00', 'a%00b', '%', '%zz', 'a'.repeat(4_096), '%ff%fe']),
  ],
  [
    'NEED',
    'nothing that lies beside the bytes is served',
    async () => {
      const id = (await finished(at, 'abc')).slice(-32);
      await expectRefused([`${id}.json`, `${id}.info`, `${id}/`.concat('x')]);
    },
  ],
  [
    'NEED',
    'headers of 40 KiB are refused, and the server lives',
    async () => {
      const wire = await openWire(await at.tus.made(3));
      wire.head('HEAD', { 'Upload-Metadata': `a ${'YWFh'.repeat(10_240)}` });
      await wire.hear(/^HTTP\/1\.1 4\d\d /);
      wire.cut();
      expect((await at.tus.create(3)).status).toBe(201);
    },
  ],
  [
    'NEED',
    'GET of an unfinished upload gives none of its bytes',
    async () => {
      const url = await at.tus.made(6);
      await at.tus.patch(url, 0, 'abc');
      const answer = await get(url);
      expect([answer.status, (await answer.text()).includes('abc')]).toEqual([404, false]);
    },
  ],
];

const DOWNLOAD: Row[] = [
  [
    'NEED',
    'GET gives a part of the bytes when asked for it',
    async () => {
      const answer = await get(await finished(at, 'abcdefghi'), { Range: 'bytes=2-4' });
      expect([answer.status, answer.headers.get('Content-Range'), await answer.text()]).toEqual([
        206,
        'bytes 2-4/9',
        'cde',
      ]);
    },
  ],
  [
    'NEED',
    'GET has an ETag, by which it need not be repeated',
    async () => {
      const url = await finished(at, 'abc');
      const tag = String((await get(url)).headers.get('ETag'));
      expect(tag).toMatch(/^"[0-9a-f]{64}"$/);
      expect((await get(url, { 'If-None-Match': tag })).status).toBe(304);
    },
  ],
  [
    'NEED',
    'a page that was uploaded is never shown as one',
    async () => {
      const answer = await get(await finished(at, 'abc', { filename: 'x.html', filetype: 'text/html' }));
      expect(answer.headers.get('Content-Disposition')).toMatch(/^attachment/);
      expect(answer.headers.get('X-Content-Type-Options')).toBe('nosniff');
    },
  ],
];

testRows([...HARDENING, ...DOWNLOAD]);
