import { readdir } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestServer } from '../../http/testing/harness.ts';
import { signedForm } from '../testing/learnosity.ts';
import { put, startApi, type Granted, type LearnosityApi } from './testing/api.ts';

let test: TestServer;
let time: LearnosityApi['time'];
let addConsumer: LearnosityApi['addConsumer'];
let post: LearnosityApi['post'];
let ask: LearnosityApi['ask'];
let granted: LearnosityApi['granted'];

beforeAll(async () => {
  ({ test, time, addConsumer, post, ask, granted } = await startApi());
});
afterAll(() => test.stop());

it('grants one address for each name, in order', async () => {
  const { status, meta, data } = await ask({
    organisation_id: 1,
    subkeys: ['path/to/content1.jpg', 'other/legacy content', 'path/to/content1.jpg'],
    subkey_types: { 'other/legacy content': 'image/png' },
    meta: { sdk: { lang: 'node' } },
  });
  const host = test.server.url.replace('http:', '');
  expect(status).toBe(200);
  expect(meta).toMatchObject({
    status: true,
    records: 3,
    timestamp: expect.any(Number),
    versions: { requested: 'v2025.2.LTS' },
  });
  expect(data.map((each) => each.content_type)).toEqual(['image/jpeg', 'image/png', 'image/jpeg']);
  expect(data[1]?.public).toBe(`${host}/learnosity/organisations/1/other/legacy%20content`);
  const url = new URL(data[0]?.upload ?? '');
  expect(Number(url.searchParams.get('Expires'))).toBe((meta['timestamp'] as number) + 3600);
  expect([...url.searchParams.keys()]).toEqual(['AWSAccessKeyId', 'Expires', 'Signature', 'x-amz-acl']);
});

it('stores what is put, at once and for everybody, and again in place of it', async () => {
  const { upload, public: open, content_type } = await granted('a b/ü.jpg');
  const url = `http:${open}`;
  expect((await fetch(url)).status).toBe(404);
  const first = await put(upload, 'first', content_type);
  expect([first.status, await first.text(), first.headers.get('etag')]).toEqual([
    200,
    '',
    '"8b04d5e3775d298e78455efc5ca404d5"',
  ]);
  const got = await fetch(url);
  expect([await got.text(), got.headers.get('content-type')]).toEqual(['first', 'image/jpeg']);
  expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
  expect((await put(upload, 'second', content_type)).status).toBe(200);
  expect(await (await fetch(url)).text()).toBe('second');
  const again = await fetch(url, { headers: { 'if-none-match': String(got.headers.get('etag')) } });
  expect(again.status).toBe(200);
});

it('keeps one file for a name, however often it is overwritten', async () => {
  const { upload, content_type } = await granted('once/over.txt');
  for (const text of ['1', '2', '3']) expect((await put(upload, text, content_type)).status).toBe(200);
  const list = await fetch(`${test.server.url}/api/v1/storage/list`, {
    headers: { authorization: `Bearer ${test.admin.token}` },
  });
  const items = ((await list.json()) as { mime_type: string; size: number }[]).filter(
    (item) => item.mime_type === 'text/plain',
  );
  expect(items.map((item) => item.size)).toEqual([1]);
});

it('wants exactly the type that was signed', async () => {
  const { upload } = await granted('typed.png');
  for (const type of ['image/jpeg', 'image/png; charset=utf-8', 'IMAGE/PNG', undefined]) {
    const answer = await put(upload, 'x', type);
    expect([answer.status, await answer.text()], String(type)).toEqual([
      403,
      expect.stringContaining('<Code>SignatureDoesNotMatch</Code>'),
    ]);
  }
  for (const [name, value] of [
    ['Expires', '99999999999'],
    ['Signature', 'AAAA'],
    ['AWSAccessKeyId', 'x'],
    ['x-amz-acl', 'private'],
  ] as const) {
    const url = new URL(upload);
    url.searchParams.set(name, value);
    expect((await put(String(url), 'x', 'image/png')).status, name).toBe(403);
  }
  expect((await put(upload.replace('typed.png', 'other.png'), 'x', 'image/png')).status).toBe(403);
  expect((await put(upload, 'x', 'image/png')).status).toBe(200);
});

it('refuses after sixty minutes', async () => {
  const { upload } = await granted('late.png');
  time.ahead = 3_599_000;
  expect((await put(upload, 'x', 'image/png')).status).toBe(200);
  time.ahead = 3_601_000;
  const answer = await put(upload, 'x', 'image/png');
  time.ahead = 0;
  expect([answer.status, await answer.text()]).toEqual([
    403,
    expect.stringMatching(/AccessDenied.*Request has expired/),
  ]);
});

/** What comes after the head was sent with `Expect: 100-continue`. */
function expectContinue(url: string, type: string): Promise<{ continued: boolean; status: number }> {
  return new Promise((resolve, reject) => {
    const headers = { expect: '100-continue', 'content-type': type, 'content-length': 5 };
    const req = httpRequest(url, { method: 'PUT', headers }, (res) => {
      res.resume();
      res.on('end', () => resolve({ continued, status: res.statusCode ?? 0 }));
      if (!continued) req.destroy();
      res.on('close', () => resolve({ continued, status: res.statusCode ?? 0 }));
    });
    let continued = false;
    req.on('continue', () => {
      continued = true;
      req.end('bytes');
    });
    req.on('error', (error) => {
      if (continued) reject(error);
    });
    req.flushHeaders();
  });
}

it('tells who asks first to go on, or not', async () => {
  const { upload, public: open } = await granted('asked.png');
  expect(await expectContinue(upload, 'image/jpeg')).toEqual({ continued: false, status: 403 });
  expect(await expectContinue(upload, 'image/png')).toEqual({ continued: true, status: 200 });
  expect(await (await fetch(`http:${open}`)).text()).toBe('bytes');
  expect((await expectContinue(`${test.server.url}/api/upload`, 'x/y')).continued).toBe(true);
});

it('leaves nothing of an upload that is broken off', async () => {
  const { upload, public: open } = await granted('broken.mp4');
  const { host, hostname, port, pathname, search } = new URL(upload);
  const socket = connect(Number(port), hostname);
  socket.write(
    `PUT ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: video/mp4\r\nContent-Length: 5000000\r\n\r\n`,
  );
  socket.write(Buffer.alloc(2_000_000));
  const incoming = () => readdir(join(test.settings.storageDir, 'incoming'));
  await expect.poll(async () => (await incoming()).length).toBe(1);
  socket.destroy();
  await expect.poll(incoming).toEqual([]);
  expect((await fetch(`http:${open}`)).status).toBe(404);
});

it('counts against the quota of its user', async () => {
  await test.admin.post('/api/user', { username: 'tiny', storage_limit: 10 });
  const own = await addConsumer({
    organisation: 7,
    domain: 'x.org',
    user: 'tiny',
  });
  const { data } = await post(signedForm(own, { subkeys: ['t.txt'] }, { domain: 'x.org' }));
  const upload = String(data[0]?.upload);
  const over = await put(upload, '12345678901', 'text/plain');
  expect([over.status, await over.text()]).toEqual([403, expect.stringContaining('QuotaExceeded')]);
  expect((await put(upload, '1234567890', 'text/plain')).status).toBe(200);
});

it('takes nothing more from a consumer that was removed, and serves what it brought', async () => {
  const own = await addConsumer({ organisation: 9 });
  const { data } = await post(signedForm(own, { subkeys: ['kept.txt'] }));
  const { upload, public: open } = data[0] as Granted;
  expect((await put(upload, 'kept', 'text/plain')).status).toBe(200);
  await test.server.admin('learnosity.remove', { key: own.consumer_key });
  const late = await put(upload, 'late', 'text/plain');
  expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('InvalidAccessKeyId')]);
  expect((await post(signedForm(own, { subkeys: ['x.txt'] }))).meta).toMatchObject({ code: 41002 });
  expect(await (await fetch(`http:${open}`)).text()).toBe('kept');
});
