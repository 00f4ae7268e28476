import { brotliCompressSync, gzipSync } from 'node:zlib';
import { LIMITS } from '@cambium/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, startTestServer, type TestServer } from './testing/harness.ts';

let world: TestServer;
beforeAll(async () => {
  world = await startTestServer();
});
afterAll(() => world.stop());

const user = (name: string) => Buffer.from(JSON.stringify({ username: name }));
const post = (bytes: Uint8Array, headers: Record<string, string> = {}) =>
  world.admin.call('POST', '/api/user', bytes, headers);

describe('bodies that are refused', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const cases: [string, Uint8Array, Record<string, string>, number, string][] = [
    ['nothing', Buffer.from(''), {}, 400, 'malformed_json'],
    ['half an object', Buffer.from('{"username": '), {}, 400, 'malformed_json'],
    ['invalid UTF-8', Buffer.from('7b22757365726e616d65223a22fffe227d', 'hex'), {}, 400, 'malformed_json'],
    ['an array', Buffer.from('[]'), {}, 400, 'invalid_value'],
    ['null', Buffer.from('null'), {}, 400, 'invalid_value'],
    ['100,000 arrays in one another', Buffer.from(deep), {}, 400, 'invalid_value'],
    ['the same within an object', Buffer.from(`{"username": ${deep}}`), {}, 400, 'invalid_value'],
    [
      'a form',
      Buffer.from('username=x'),
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'unsupported_type',
    ],
    ['text', user('x'), { 'content-type': 'text/plain' }, 415, 'unsupported_type'],
    ['an unknown encoding', user('x'), { 'content-encoding': 'compress' }, 415, 'unsupported_type'],
    ['two encodings', user('x'), { 'content-encoding': 'gzip, gzip' }, 415, 'unsupported_type'],
    ['an encoding from the prototype', user('x'), { 'content-encoding': 'constructor' }, 415, 'unsupported_type'],
    ['what is no gzip', user('x'), { 'content-encoding': 'gzip' }, 400, 'malformed_json'],
    ['half a gzip', gzipSync(user('x')).subarray(0, 15), { 'content-encoding': 'gzip' }, 400, 'malformed_json'],
    ['what is no br', Buffer.from('ffffffff', 'hex'), { 'content-encoding': 'br' }, 400, 'malformed_json'],
    ['too much', Buffer.alloc(LIMITS.request + 1, ' '), {}, 413, 'too_large'],
    ['too much when inflated', gzipSync(Buffer.alloc(64 << 20, ' ')), { 'content-encoding': 'gzip' }, 413, 'too_large'],
  ];
  test.each(cases)('%s', async (_name, bytes, headers, status, code) => {
    const reply = await post(bytes, headers);
    expect([reply.status, reply.json['error']]).toEqual([status, expect.objectContaining({ code })]);
    expect(reply.text).not.toMatch(/\n\s+at /);
  });
});

test('a write whose body is nested by the thousand is refused, with a key and without', async () => {
  const { id } = await world.admin.channel();
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  for (const headers of [{}, { 'idempotency-key': 'deep' }]) {
    const body = Buffer.from(`{"content_defaults": {"a": ${deep}}}`);
    const reply = await world.admin.call('PATCH', `/api/channel/${id}`, body, headers);
    expect([reply.status, reply.json['error']]).toEqual([400, expect.objectContaining({ code: 'invalid_value' })]);
  }
});

test('gzip, br, a charset and no content type at all are fine', async () => {
  expect((await post(gzipSync(user('gzip')), { 'content-encoding': 'gzip' })).status).toBe(201);
  expect((await post(brotliCompressSync(user('br')), { 'content-encoding': 'br' })).status).toBe(201);
  expect((await post(user('charset'), { 'content-type': 'application/json; charset=utf-8' })).status).toBe(201);
});

test('addresses: doubled and trailing slashes are fine, broken ones are refused', async () => {
  const status = async (path: string) => (await world.admin.get(path)).status;
  expect([await status('//api//user/me'), await status('/api/user/me/')]).toEqual([200, 200]);
  expect([
    await status('/api/contentnode/%'),
    await status('/api/contentnode/%00'),
    await status('/api/contentnode/x'),
  ]).toEqual([400, 404, 404]);
});

test('a method that an address does not have: 405 and what it has', async () => {
  const reply = await world.admin.call('PUT', '/api/channel', {});
  expect([reply.status, reply.headers.get('allow'), reply.json['error']]).toEqual([
    405,
    'GET, POST, HEAD, OPTIONS',
    expect.objectContaining({ code: 'method_not_allowed' }),
  ]);
});

test('every answer has an id of its own', async () => {
  const [one, two] = [await world.admin.get('/api/user/me'), await world.admin.get('/api/nothing')];
  expect(one.headers.get('x-request-id')).toMatch(/^[\w-]{16}$/);
  expect(two.headers.get('x-request-id')).not.toBe(one.headers.get('x-request-id'));
});

test('origins: those that are named may call, resumable uploads included; others get no header', async () => {
  const shared = await startTestServer({ CORS_ORIGINS: 'https://friend.example' });
  try {
    const ask = (origin: string) =>
      new Api(shared.server.url, null).call('OPTIONS', '/api/upload', undefined, {
        origin,
        'access-control-request-method': 'POST',
      });
    const friend = await ask('https://friend.example');
    expect([friend.status, friend.headers.get('access-control-allow-origin')]).toEqual([204, 'https://friend.example']);
    expect(friend.headers.get('access-control-allow-headers')).toMatch(/Upload-Offset/);
    expect(friend.headers.get('access-control-expose-headers')).toMatch(/Upload-Offset/);
    expect((await ask('https://other.example')).headers.get('access-control-allow-origin')).toBeNull();
  } finally {
    await shared.stop();
  }
});
