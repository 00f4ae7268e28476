import { afterAll, beforeAll, expect } from 'vitest';
import { startTestServer, type TestServer } from '../../../http/testing/harness.ts';
import { testRows, type Row } from './testing/rows.ts';

/** What the server around the uploads answers for them. */
const ORIGIN = 'https://editor.example';
let world: TestServer;
beforeAll(async () => {
  world = await startTestServer({ CORS_ORIGINS: ORIGIN });
});
afterAll(() => world.stop());

const TUS = { 'tus-resumable': '1.0.0', origin: ORIGIN };
const call = (method: string, path: string, headers: Record<string, string> = {}) =>
  fetch(world.server.url + path, {
    method,
    headers: { ...TUS, authorization: `Token ${world.admin.token}`, ...headers },
  });
const names = (header: string | null) => (header ?? '').toLowerCase().split(/, */);

const ROWS: Row[] = [
  [
    'NEED',
    'a page may send every request and header of the protocol',
    async () => {
      const { status, headers } = await call('OPTIONS', '/api/upload', { 'access-control-request-method': 'PATCH' });
      expect([status, headers.get('access-control-allow-origin')]).toEqual([204, ORIGIN]);
      expect(names(headers.get('access-control-allow-methods'))).toEqual(
        expect.arrayContaining(['post', 'head', 'patch', 'delete', 'options', 'get']),
      );
      expect(names(headers.get('access-control-allow-headers'))).toEqual(
        expect.arrayContaining([
          'authorization',
          'content-type',
          'tus-resumable',
          'upload-checksum',
          'upload-concat',
          'upload-defer-length',
          'upload-length',
          'upload-metadata',
          'upload-offset',
          'x-http-method-override',
        ]),
      );
    },
  ],
  [
    'NEED',
    'and read every header of the answers',
    async () => {
      const { headers } = await call('POST', '/api/upload', { 'upload-length': '3' });
      expect(names(headers.get('access-control-expose-headers'))).toEqual(
        expect.arrayContaining([
          'location',
          'repr-digest',
          'tus-checksum-algorithm',
          'tus-extension',
          'tus-max-size',
          'tus-resumable',
          'tus-version',
          'upload-concat',
          'upload-defer-length',
          'upload-length',
          'upload-metadata',
          'upload-offset',
        ]),
      );
    },
  ],
  [
    'NEED',
    'and when an upload expires',
    async () => {
      const { headers } = await call('POST', '/api/upload', { 'upload-length': '3' });
      expect(headers.get('upload-expires')).not.toBe(null);
      expect(names(headers.get('access-control-expose-headers'))).toContain('upload-expires');
    },
  ],
  [
    'NEED',
    'and read refusals',
    async () => {
      const answers = [
        await call('HEAD', `/api/upload/${'0'.repeat(32)}`),
        await call('POST', '/api/upload'),
        await call('POST', '/api/upload', { 'tus-resumable': '0.2' }),
        await call('POST', '/api/upload', { 'upload-length': '3', authorization: 'Token nobody' }),
      ];
      expect(answers.map(({ status, headers }) => [status, headers.get('access-control-allow-origin')])).toEqual(
        [404, 400, 412, 401].map((status) => [status, ORIGIN]),
      );
    },
  ],
  [
    'NEED',
    'what a client says of its host is not believed',
    async () => {
      const forwarded = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
      const { status, headers } = await call('POST', '/api/upload', { 'upload-length': '3', ...forwarded });
      expect([status, headers.get('location')]).toEqual([
        201,
        expect.stringMatching(`^${world.server.url}/api/upload/`),
      ]);
    },
  ],
];

testRows(ROWS);
