import { expect } from 'vitest';
import { BYTES, expectOffset, onServer, testRows, uploadsOf, type Row } from './testing/rows.ts';

const at = onServer();
const options = (headers: Record<string, string> = {}) =>
  fetch(`${at.server.url}/api/upload`, { method: 'OPTIONS', headers });
const PATCH = { ...BYTES, 'Upload-Offset': '0' };
const OLD = { 'Tus-Resumable': '0.2.2' };

/** A request as a user, without anything that a tus client adds. */
const plain = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
  at.server.as('ann', path, { method, headers, ...(body !== undefined && { body }) });

const OPTIONS: Row[] = [
  ['SHOULD', 'OPTIONS is answered with 200 or 204', async () => expect((await options()).status).toBe(204)],
  [
    'MUST',
    'OPTIONS tells the versions',
    async () => expect((await options()).headers.get('Tus-Version')?.split(',')).toContain('1.0.0'),
  ],
  [
    'MUST',
    'OPTIONS does not look at the version of the client',
    async () => {
      for (const version of ['0.2.2', 'x', '']) {
        const answer = await options({ 'Tus-Resumable': version });
        expect([answer.status, answer.headers.get('Tus-Version')]).toEqual([204, '1.0.0']);
      }
    },
  ],
  [
    'MUST',
    'Tus-Extension is a list of names',
    async () => {
      const names = (await options()).headers.get('Tus-Extension')?.split(',') ?? [];
      expect(names).toEqual([
        'creation',
        'creation-with-upload',
        'creation-defer-length',
        'expiration',
        'checksum',
        'checksum-trailer',
        'termination',
        'concatenation',
      ]);
    },
  ],
  [
    'MUST',
    'Tus-Max-Size is a whole number',
    async () => expect((await options()).headers.get('Tus-Max-Size')).toMatch(/^\d+$/),
  ],
];

const VERSION: Row[] = [
  [
    'MUST',
    'answers that succeed bear Tus-Resumable',
    async () => {
      const made = await at.tus.create(3);
      const url = String(made.headers.get('Location'));
      const answers = [made, await at.tus.head(url), await at.tus.patch(url, 0, 'abc')];
      expect(answers.map(({ status, headers }) => [status, headers.get('Tus-Resumable')])).toEqual([
        [201, '1.0.0'],
        [200, '1.0.0'],
        [204, '1.0.0'],
      ]);
    },
  ],
  [
    'MUST',
    'answers that refuse bear it too',
    async () => {
      const url = await at.tus.made(3);
      const unknown = `${at.server.url}/api/upload/${'0'.repeat(32)}`;
      const answers = [
        await at.tus.head(unknown),
        await at.tus.patch(url, 2, 'c'),
        await at.tus.request('POST', '/api/upload'),
      ];
      expect(answers.map(({ status, headers }) => [status, headers.get('Tus-Resumable')])).toEqual([
        [404, '1.0.0'],
        [409, '1.0.0'],
        [400, '1.0.0'],
      ]);
    },
  ],
  [
    'MUST',
    'POST without a version is 412, and nothing is made',
    async () => {
      const before = uploadsOf(at);
      const answer = await plain('POST', '/api/upload', { 'Upload-Length': '3' });
      expect([answer.status, answer.headers.get('Location'), uploadsOf(at)]).toEqual([412, null, before]);
    },
  ],
  [
    'MUST',
    'POST of another version is 412, and nothing is made',
    async () => {
      const before = uploadsOf(at);
      const answer = await at.tus.create(3, undefined, OLD);
      expect([answer.status, answer.headers.get('Location'), uploadsOf(at)]).toEqual([412, null, before]);
    },
  ],
  [
    'MUST',
    'the 412 tells the versions',
    async () => {
      const answers = [
        await plain('POST', '/api/upload', { 'Upload-Length': '3' }),
        await at.tus.create(3, undefined, OLD),
      ];
      expect(answers.map(({ headers }) => headers.get('Tus-Version'))).toEqual(['1.0.0', '1.0.0']);
    },
  ],
  [
    'MUST',
    'PATCH of another version is 412 and not processed',
    async () => {
      const url = await at.tus.made(3);
      expect((await at.tus.patch(url, 0, 'abc', OLD)).status).toBe(412);
      await expectOffset(at, url, 0);
    },
  ],
  [
    'MUST',
    'HEAD of another version is 412',
    async () => expect((await at.tus.head(await at.tus.made(3), OLD)).status).toBe(412),
  ],
  [
    'MUST',
    'DELETE of another version deletes nothing',
    async () => {
      const url = await at.tus.made(3);
      expect((await at.tus.request('DELETE', url, OLD)).status).toBe(412);
      await expectOffset(at, url, 0);
    },
  ],
];

const OVERRIDE: Row[] = [
  [
    'MUST',
    'X-HTTP-Method-Override makes a PATCH of a POST',
    async () => {
      const url = await at.tus.made(3);
      const answer = await at.tus.request('POST', url, { ...PATCH, 'X-HTTP-Method-Override': 'PATCH' }, 'abc');
      expect([answer.status, answer.headers.get('Upload-Offset')]).toEqual([204, '3']);
    },
  ],
  [
    'MUST',
    'X-HTTP-Method-Override makes a HEAD of a GET and a DELETE of a POST',
    async () => {
      const url = await at.tus.made(3);
      const head = await at.tus.request('GET', url, { 'X-HTTP-Method-Override': 'HEAD' });
      expect([head.status, head.headers.get('Upload-Offset'), await head.text()]).toEqual([200, '0', '']);
      expect((await at.tus.request('POST', url, { 'X-HTTP-Method-Override': 'DELETE' })).status).toBe(204);
      expect((await at.tus.head(url)).status).toBe(404);
    },
  ],
];

testRows([...OPTIONS, ...VERSION, ...OVERRIDE]);
