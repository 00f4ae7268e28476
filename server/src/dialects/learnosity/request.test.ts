import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../http/testing/harness.ts';
import { signedForm, stamp, type Consumer, type Signing } from '../testing/learnosity.ts';
import { put, startApi, type LearnosityApi } from './testing/api.ts';

let test: TestServer;
let consumer: Consumer;
let time: LearnosityApi['time'];
let addConsumer: LearnosityApi['addConsumer'];
let post: LearnosityApi['post'];
let ask: LearnosityApi['ask'];
let outcome: LearnosityApi['outcome'];
let granted: LearnosityApi['granted'];

beforeAll(async () => {
  ({ test, consumer, time, addConsumer, post, ask, outcome, granted } = await startApi());
});
afterAll(() => test.stop());

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

it('takes a thousand requests of a consumer in five seconds, and says how long the next one waits', async () => {
  const own = await addConsumer({ organisation: 8 });
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
