import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../http/testing/harness.ts';
import { signedForm, stamp, type Consumer, type Signing } from '../testing/learnosity.ts';

let test: TestServer;
let consumer: Consumer;
const time = { ahead: 0, stopped: null as number | null };

beforeAll(async () => {
  test = await startTestServer({}, { world: { clock: { now: () => (time.stopped ?? Date.now()) + time.ahead } } });
  consumer = (await test.server.admin('learnosity.add', { organisation: 1 })) as unknown as Consumer;
});
afterAll(() => test.stop());

interface Answer {
  status: number;
  meta: Record<string, unknown>;
  data: { upload: string; public: string; content_type: string }[];
}

async function post(
  body: string | URLSearchParams,
  version = 'v2025.2.LTS',
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${test.server.url}/${version}/itembank/upload/assets`, {
    method: 'POST',
    body,
    headers,
  });
  return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) };
}
const ask = (request: unknown, signing?: Signing) => post(signedForm(consumer, request, signing));
const outcome = async (request: unknown, signing?: Signing) => {
  const { status, meta } = await ask(request, signing);
  return meta['status'] === true ? 200 : `${status} ${String(meta['code'])}`;
};
async function granted(subkey: string, type?: string) {
  const { data } = await ask({ subkeys: [subkey], ...(type && { subkey_types: { [subkey]: type } }) });
  return data[0] as Answer['data'][number];
}
const put = (url: string, body: string, type?: string) =>
  fetch(url, { method: 'PUT', body: Buffer.from(body), headers: type === undefined ? {} : { 'content-type': type } });

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

it('refuses names that are none, and all others with them', async () => {
  for (const subkey of [
    '/a.jpg',
    'a.jpg/',
    'a\\b.jpg',
    './a.jpg',
    '../a.jpg',
    'a/../b.jpg',
    'a/./b.jpg',
    'a//b.jpg',
    '',
    '..',
    'noext',
    'x.unknownext',
  ]) {
    expect(await outcome({ subkeys: ['good.jpg', subkey] }), subkey).toBe('400 20004');
  }
  for (const subkey of ['a..b.jpg', '.../a.jpg', 'ü ☀.jpg', '%2e%2e/a.jpg', 'a?b#c.jpg', '..a/b.jpg']) {
    expect(await outcome({ subkeys: [subkey] }), subkey).toBe(200);
    const { upload, public: open } = await granted(subkey);
    expect((await put(upload, subkey, 'image/jpeg')).status, subkey).toBe(200);
    expect(await (await fetch(`http:${open}`)).text()).toBe(subkey);
  }
  const path = '/learnosity/organisations/1/%2e%2e%2f%2e%2e%2fsecret';
  expect((await fetch(test.server.url + path)).status).toBe(404);
});

it('says by number what is wrong with a request', async () => {
  const subkeys = ['a.jpg'];
  expect(await outcome({})).toBe('400 20000');
  expect(await outcome({ subkeys: [] })).toBe('400 20000');
  expect(await outcome({ subkeys: 'a.jpg' })).toBe('400 20003');
  expect(await outcome({ subkeys: [1] })).toBe('400 20003');
  expect(await outcome({ subkeys: Array.from({ length: 1001 }, (_, i) => `${i}.jpg`) })).toBe('400 20002');
  expect(await outcome({ subkeys, subkey_types: { 'b.jpg': 'image/png' } })).toBe('400 20004');
  expect(await outcome({ subkeys, subkey_types: { 'a.jpg': 'x\r\ny: z' } })).toBe('400 20004');
  expect(await outcome({ subkeys, subkey_types: [] })).toBe(200);
  expect(await outcome({ subkeys, organisation_id: 2 })).toBe('403 40003');
  expect(await outcome('{')).toBe('400 20009');
  expect(await outcome({ subkeys }, { action: 'set' })).toBe('400 20004');
});

it('says by number what is wrong with a signature', async () => {
  const request = { subkeys: ['a.jpg'] };
  const ago = (hours: number) => stamp(Date.now() - hours * 3_600_000);
  expect(await outcome(request, { forged: { signature: undefined } })).toBe('400 41000');
  expect(await outcome(request, { forged: { consumer_key: 'short' } })).toBe('403 41001');
  expect(await outcome(request, { forged: { consumer_key: 'yis0TYCu7U9V4o7M' } })).toBe('403 41002');
  expect(await outcome(request, { forged: { signature: `$02$${'0'.repeat(64)}` } })).toBe('403 41003');
  expect(await outcome(request, { forged: { timestamp: ago(1) } })).toBe('403 41003');
  expect(await outcome(request, { timestamp: ago(4) })).toBe('403 41004');
  expect(await outcome(request, { timestamp: ago(-4) })).toBe('403 41004');
  expect(await outcome(request, { timestamp: ago(2) })).toBe(200);
  expect(await outcome(request, { domain: 'example.org' })).toBe('403 41005');
  expect(await outcome(request, { expires: 'not a date...' })).toBe('400 41006');
  expect(await outcome(request, { expires: ago(1) })).toBe('400 41007');
  expect(await outcome(request, { expires: ago(-1) })).toBe(200);
  expect(await outcome(request, { action: null })).toBe(200);
  expect((await post('')).meta).toMatchObject({ status: false, code: 41000 });
  expect((await post('security=[]&request={}')).meta).toMatchObject({ code: 41000 });
});

it('knows the edges of its times to the second', async () => {
  const request = { subkeys: ['a.jpg'] };
  const minute = Math.floor(Date.now() / 60_000) * 60_000;
  const at = async (ahead: number, signing: Signing) => {
    time.stopped = minute + ahead;
    return await outcome(request, signing).finally(() => (time.stopped = null));
  };
  const hours = 3 * 3_600_000;
  const timestamp = stamp(minute);
  expect(await at(hours, { timestamp })).toBe(200);
  expect(await at(hours + 1, { timestamp })).toBe('403 41004');
  expect(await at(-hours, { timestamp })).toBe(200);
  expect(await at(-hours - 1, { timestamp })).toBe('403 41004');
  // The minute that is named is the last one.
  expect(await at(59_999, { timestamp, expires: timestamp })).toBe(200);
  expect(await at(60_000, { timestamp, expires: timestamp })).toBe('400 41007');
  expect(await at(hours + 1, { timestamp, expires: timestamp })).toBe('400 41007');
  for (const wrong of ['20260231-1200', '20261301-1200', '20260101-2400', '20260101-1260', '2026-01-01T00'])
    expect(await at(0, { timestamp: wrong }), wrong).toBe('403 41004');
});

it('takes no signature of version 1', async () => {
  const form = signedForm(consumer, { subkeys: ['a.jpg'] });
  const security = JSON.parse(String(form.get('security'))) as Record<string, string>;
  const parts = [
    security['consumer_key'],
    'localhost',
    security['timestamp'],
    consumer.secret,
    form.get('request'),
    'get',
  ];
  const signature = createHash('sha256').update(parts.join('_')).digest('hex');
  form.set('security', JSON.stringify({ ...security, signature }));
  expect((await post(form)).meta).toMatchObject({ code: 41001 });
});

it('reads a request as it was written, and as JSON', async () => {
  expect(await outcome('{ "subkeys" : [ "path\\/\\u0442.jpg" ] }')).toBe(200);
  const form = Object.fromEntries(signedForm(consumer, { subkeys: ['a.jpg'] }));
  const body = JSON.stringify({ ...form, security: JSON.parse(String(form['security'])) as unknown });
  expect((await post(body, 'latest', { 'content-type': 'application/json' })).status).toBe(200);
});

it('knows its versions and methods', async () => {
  const form = () => signedForm(consumer, { subkeys: ['a.jpg'] });
  for (const version of ['v1', 'v1.85.0', 'v2025.2.lts', 'v2022.3.preview1', 'latest', 'latest-lts', 'developer']) {
    expect((await post(form(), version)).status, version).toBe(200);
  }
  const none = await fetch(`${test.server.url}/itembank/upload/assets`, { method: 'POST', body: form() });
  expect([none.status, none.headers.get('content-type'), await none.text()]).toEqual([
    404,
    'text/plain; charset=utf-8',
    'Invalid request, see https://help.learnosity.com for further information',
  ]);
  const get = await fetch(`${test.server.url}/v1/itembank/upload/assets`);
  expect([get.status, await get.json()]).toMatchObject([405, { meta: { status: false, code: 40001 }, data: [] }]);
  const other = await fetch(`${test.server.url}/v1/itembank/other`, { method: 'POST' });
  expect([other.status, await other.json()]).toMatchObject([404, { meta: { code: 20012 } }]);
  expect(await (await fetch(`${test.server.url}/api/itembank/x`)).json()).toMatchObject({
    error: { code: 'not_found' },
  });
  for (const [method, path, expected] of [
    ['GET', '/learnosity', '404 NoSuchKey'],
    ['GET', '/learnosity/organisations/1', '404 NoSuchKey'],
    ['PUT', '/learnosity/organisations/x/a.jpg', '404 NoSuchKey'],
    ['DELETE', '/learnosity/organisations/1/a.jpg', '405 MethodNotAllowed'],
    ['OPTIONS', '/learnosity/organisations/1/a.jpg', '405 MethodNotAllowed'],
    ['PUT', '/learnosity/organisations/1/a.jpg', '403 AccessDenied'],
  ] as const) {
    const answer = await fetch(test.server.url + path, { method });
    const code = /<Code>(.*)<\/Code>/.exec(await answer.text())?.[1];
    expect(`${answer.status} ${code}`, `${method} ${path}`).toBe(expected);
  }
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

it('takes a thousand requests of a consumer in five seconds, and says how long the next one waits', async () => {
  const own = (await test.server.admin('learnosity.add', { organisation: 8 })) as unknown as Consumer;
  const form = () => signedForm(own, { subkeys: ['a.jpg'] });
  // The clock stands still, however long this takes.
  time.stopped = Date.now();
  try {
    for (let sent = 0; sent < 1_000; sent += 50) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => post(form())));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    }
    const wrong = await post(signedForm(own, { subkeys: ['a.jpg'] }, { forged: { domain: 'x' } }));
    expect(wrong.meta['code']).toBe(41003);
    const over = await fetch(`${test.server.url}/v1/itembank/upload/assets`, { method: 'POST', body: form() });
    expect([over.status, over.headers.get('retry-after'), await over.json()]).toEqual([
      429,
      '5',
      { meta: expect.objectContaining({ status: false, code: 42000, message: 'Too many requests' }), data: [] },
    ]);
    expect((await ask({ subkeys: ['a.jpg'] })).status).toBe(200);
  } finally {
    time.stopped = null;
  }
  time.ahead = 5_000;
  expect((await post(form())).status).toBe(200);
  time.ahead = 0;
});

it('takes a sender who leaves for no fault of its own', async () => {
  const said: string[] = [];
  const note = (_fields: object, message: string) => void said.push(message);
  const log = {
    debug: note,
    info: note,
    warn: note,
    error: (_: object, message: string) => void said.push(`! ${message}`),
  };
  const other = await startTestServer({}, { world: { log } });
  try {
    const { hostname, port } = new URL(other.server.url);
    const socket = connect(Number(port), hostname);
    socket.write('POST /v1/itembank/upload/assets HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nsecurity=');
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    await expect.poll(() => said).toContain('cut off');
    expect(said.filter((message) => message.startsWith('!'))).toEqual([]);
  } finally {
    await other.stop();
  }
});

it('counts against the quota of its user', async () => {
  await test.admin.post('/api/user', { username: 'tiny', storage_limit: 10 });
  const own = (await test.server.admin('learnosity.add', {
    organisation: 7,
    domain: 'x.org',
    user: 'tiny',
  })) as unknown as Consumer;
  const { data } = await post(signedForm(own, { subkeys: ['t.txt'] }, { domain: 'x.org' }));
  const upload = String(data[0]?.upload);
  const over = await put(upload, '12345678901', 'text/plain');
  expect([over.status, await over.text()]).toEqual([403, expect.stringContaining('QuotaExceeded')]);
  expect((await put(upload, '1234567890', 'text/plain')).status).toBe(200);
});

it('takes nothing more from a consumer that was removed, and serves what it brought', async () => {
  const own = (await test.server.admin('learnosity.add', { organisation: 9 })) as unknown as Consumer;
  const { data } = await post(signedForm(own, { subkeys: ['kept.txt'] }));
  const { upload, public: open } = data[0] as Answer['data'][number];
  expect((await put(upload, 'kept', 'text/plain')).status).toBe(200);
  await test.server.admin('learnosity.remove', { key: own.consumer_key });
  const late = await put(upload, 'late', 'text/plain');
  expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('InvalidAccessKeyId')]);
  expect((await post(signedForm(own, { subkeys: ['x.txt'] }))).meta).toMatchObject({ code: 41002 });
  expect(await (await fetch(`http:${open}`)).text()).toBe('kept');
});
