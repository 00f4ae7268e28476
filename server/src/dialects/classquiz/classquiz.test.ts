import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startTestServer, type Api, type TestServer } from '../../http/testing/harness.ts';

let test: TestServer;
let user: Api;
let png: Buffer;
const base = '/api/v1/storage';

beforeAll(async () => {
  test = await startTestServer();
  user = await test.user('ada');
  png = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#c04020' } })
    .png()
    .toBuffer();
  // Whoever looks at pictures may take longer to start than an answer waits.
  const { json } = await post(png, 'image/png');
  const looked = async () =>
    expect((await call('GET', `/meta/${String((json as Item)['id'])}`)).json).toMatchObject({
      thumbhash: expect.any(String),
    });
  await vi.waitFor(looked, { timeout: 30_000 });
});
afterAll(() => test.stop());

type Item = Record<string, unknown>;

function form(bytes: Uint8Array, type: string, name = 'file', filename = 'a.png'): { body: Buffer; type: string } {
  const head = `--XX\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\nContent-Type: ${type}\r\n\r\n`;
  return {
    body: Buffer.concat([Buffer.from(head), bytes, Buffer.from('\r\n--XX--\r\n')]),
    type: 'multipart/form-data; boundary=XX',
  };
}

async function call(method: string, path: string, init: RequestInit = {}, token: string | null = user.token) {
  const headers = new Headers(init.headers);
  if (token !== null && !headers.has('cookie')) headers.set('authorization', `Bearer ${token}`);
  const response = await fetch(test.server.url + base + path, { ...init, method, headers, redirect: 'manual' });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson && text !== '' ? (JSON.parse(text) as unknown) : null,
  };
}

async function post(bytes: Uint8Array, type: string, token: string | null = user.token, path = '/') {
  const sent = form(bytes, type);
  return call('POST', path, { body: sent.body as BodyInit, headers: { 'content-type': sent.type } }, token);
}

it('stores a form and answers with everything known of it', async () => {
  const { status, json } = await post(png, 'image/png');
  expect(status).toBe(200);
  const item = json as Item;
  expect(item).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
    uploaded_at: expect.stringMatching(/Z$/),
    mime_type: 'image/png',
    hash: expect.stringMatching(/^[0-9a-f]{32}$/),
    size: png.length,
    deleted_at: null,
    alt_text: null,
    filename: null,
    thumbhash: expect.stringMatching(/^[A-Za-z0-9+/]+=*$/),
    server: null,
    imported: false,
  });
  const got = await fetch(`${test.server.url}${base}/download/${String(item['id'])}`);
  expect(Buffer.from(await got.arrayBuffer()).equals(png)).toBe(true);
  expect(Object.fromEntries(got.headers)).toMatchObject({
    'cache-control': 'public, immutable, max-age=31536000',
    'content-type': 'image/png',
    'x-hash': item['hash'],
    'x-thumbhash': item['thumbhash'],
    'content-size': String(png.length),
    'content-length': String(png.length),
  });
});

it('gives the thumbhash that the reference encoder makes of the same pixels', async () => {
  // Soft hills of colour, as in a photograph: on plain colours the encoder's rounding is a matter of chance.
  const seeds = Uint8Array.from(createHash('sha512').update('hills').digest());
  for (const [width, height, channels] of [
    [100, 75, 3],
    [60, 90, 4],
  ] as const) {
    const raw = { width: 5, height: 3, channels };
    const soft = sharp(seeds.subarray(0, 15 * channels), { raw }).resize(width, height, {
      fit: 'fill',
      kernel: 'cubic',
    });
    const bytes = await soft.png().toBuffer();
    const pixels = await sharp(bytes).ensureAlpha().raw().toBuffer();
    const { json } = await post(bytes, 'image/png');
    expect((json as Item)['thumbhash']).toBe(Buffer.from(rgbaToThumbHash(width, height, pixels)).toString('base64'));
  }
});

it('takes the address without a slash, and hashes as XXH3-128 does', async () => {
  const { status, json } = await post(new Uint8Array(), 'image/png', user.token, '');
  expect([status, (json as Item)['hash'], (json as Item)['thumbhash']]).toEqual([
    200,
    '99aa06d3014798d86001c324468d497f',
    null,
  ]);
});

it('knows who asks by header or cookie', async () => {
  const get = (headers: Record<string, string>) => call('GET', '/limit', { headers }, null);
  expect(await get({})).toMatchObject({ status: 401, json: { detail: 'Not authenticated' } });
  expect((await get({})).headers.get('www-authenticate')).toBe('Bearer');
  expect(await get({ authorization: 'Bearer nonsense' })).toMatchObject({
    status: 401,
    json: { detail: 'Could not validate credentials' },
  });
  expect((await get({ cookie: `a=b; access_token="Bearer ${user.token}"` })).status).toBe(200);
  expect((await get({ cookie: `access_token=Bearer ${user.token}` })).status).toBe(200);
});

it('refuses other types, compared as they were sent', async () => {
  for (const type of ['text/html', 'IMAGE/PNG', 'image/png; charset=x', 'application/pdf']) {
    expect(await post(png, type), type).toMatchObject({ status: 422, json: { detail: 'Unsupported' } });
    const raw = await call('POST', '/raw', { body: png as BodyInit, headers: { 'content-type': type } });
    expect(raw, type).toMatchObject({ status: 422, json: { detail: 'Unsupported' } });
  }
  const wrong = form(png, 'image/png', 'other');
  const missing = { detail: [{ type: 'missing', loc: ['body', 'file'], msg: 'Field required', input: null }] };
  expect(
    await call('POST', '/', { body: wrong.body as BodyInit, headers: { 'content-type': wrong.type } }),
  ).toMatchObject({
    status: 422,
    json: missing,
  });
  expect(await call('POST', '/', { body: '{}' })).toMatchObject({ status: 422, json: missing });
  const unnamed = form(png, 'image/png', 'file', '');
  expect(
    await call('POST', '/', { body: unnamed.body as BodyInit, headers: { 'content-type': unnamed.type } }),
  ).toMatchObject({ status: 422, json: missing });
});

it('takes the types that are set, and serves none of them so that it runs', async () => {
  const other = await startTestServer({ CLASSQUIZ_TYPES: 'audio/mpeg, text/html' });
  const headers = { authorization: `Bearer ${other.admin.token}` };
  const send = async (type: string) => {
    const url = `${other.server.url}${base}/raw`;
    return await fetch(url, { method: 'POST', body: '<script>', headers: { ...headers, 'content-type': type } });
  };
  try {
    for (const type of ['image/png', 'audio/MPEG']) expect((await send(type)).status, type).toBe(422);
    expect((await send('audio/mpeg')).status).toBe(200);
    const { id, mime_type } = (await (await send('text/html')).json()) as Item;
    const got = await fetch(`${other.server.url}${base}/download/${String(id)}`);
    expect([mime_type, got.headers.get('content-type')]).toEqual(['text/html', 'text/html']);
    expect(got.headers.get('content-security-policy')).toMatch(/^sandbox;/);
    expect(got.headers.get('content-disposition')).toMatch(/^attachment/);
  } finally {
    await other.stop();
  }
});

it('takes a raw body as it streams', async () => {
  const bytes = Buffer.alloc(300_000, 7);
  const sent = await call('POST', '/raw', { body: bytes, headers: { 'content-type': 'video/mp4' } });
  expect(sent).toMatchObject({ status: 200, json: { mime_type: 'video/mp4', size: 300_000, thumbhash: null } });
});

it('takes text that calls itself a picture, and serves it so that nothing runs', async () => {
  const { status, json } = await post(Buffer.from('<script>alert(1)</script>'), 'image/png');
  expect([status, (json as Item)['thumbhash']]).toEqual([200, null]);
  const got = await call('GET', `/download/${String((json as Item)['id'])}`, {}, null);
  expect([got.headers.get('content-type'), got.headers.get('x-content-type-options')]).toEqual([
    'image/png',
    'nosniff',
  ]);
});

it('serves a drawing sandboxed', async () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
  const { json } = await post(svg, 'image/svg+xml');
  const got = await call('GET', `/download/${String((json as Item)['id'])}`, {}, null);
  expect(got.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'; style-src 'unsafe-inline'/);
  expect(got.headers.get('x-content-type-options')).toBe('nosniff');
});

it('answers by name, in each of its forms', async () => {
  const { json } = await post(png, 'image/png');
  const id = String((json as Item)['id']);
  const plain = id.replaceAll('-', '');
  const owner = user.userId;
  for (const name of [id, plain, id.toUpperCase(), `{${id}}`, `urn:uuid:${id}`, `${id}--${owner}`]) {
    expect((await call('GET', `/download/${encodeURIComponent(name)}`, {}, null)).status, name).toBe(200);
  }
  expect((await call('GET', `/download/${id}--${plain}`, {}, null)).status).toBe(404);
  for (const name of ['nonsense', `${id}--${owner}--${owner}`, 'x--y']) {
    expect(await call('GET', `/download/${name}`, {}, null)).toMatchObject({
      status: 400,
      json: { detail: 'Invalid file name' },
    });
    expect((await call('HEAD', `/download/${name}`, {}, null)).status).toBe(404);
    expect(await call('GET', `/info/${name}`, {}, null)).toMatchObject({
      status: 404,
      json: { detail: 'Invalid file name' },
    });
  }
  const unknown = '00000000-0000-7000-8000-000000000000';
  expect(await call('GET', `/download/${unknown}`, {}, null)).toMatchObject({
    status: 404,
    json: { detail: 'File not found' },
  });
  const info = await call('GET', `/info/${id}`, {}, null);
  expect([info.status, info.text, info.headers.get('content-type'), info.headers.get('content-size')]).toEqual([
    200,
    '',
    'image/png',
    String(png.length),
  ]);
  const head = await call('HEAD', `/download/${id}`, {}, null);
  expect([head.status, head.headers.get('x-hash')]).toEqual([200, (json as Item)['hash']]);
  const part = await call('GET', `/download/${id}`, { headers: { range: 'bytes=0-3' } }, null);
  expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 0-3/${png.length}`]);
});

it('describes, replaces and clears', async () => {
  const { json } = await post(png, 'image/png');
  const id = String((json as Item)['id']);
  const put = (body: string, token = user.token) =>
    call('PUT', `/meta/${id}`, { body, headers: { 'content-type': 'application/json' } }, token);
  expect(await put('{"alt_text":"Ünï ☀","filename":"s.png","more":1}')).toMatchObject({
    status: 200,
    json: { id, alt_text: 'Ünï ☀', filename: 's.png' },
  });
  expect((await call('GET', `/download/${id}`, {}, null)).headers.get('x-alt-text')).toBe('w5xuw68g4piA');
  expect(await put('{"alt_text":"only"}')).toMatchObject({ json: { alt_text: 'only', filename: null } });
  expect(await put('{"alt_text":"","filename":"x"}')).toMatchObject({ json: { alt_text: null, filename: 'x' } });
  expect(await put('{}')).toMatchObject({ status: 200, json: { alt_text: null, filename: null } });
  for (const wrong of ['[]', 'null', '{', '{"alt_text":1}', '"x"']) expect((await put(wrong)).status, wrong).toBe(422);
  const other = await test.user('grace');
  expect((await put('{}', other.token)).status).toBe(404);
  expect(await call('GET', `/meta/${id}`, {}, other.token)).toMatchObject({
    status: 404,
    json: { detail: 'File not found' },
  });
  expect((await call('GET', '/meta/nonsense')).status).toBe(422);
  expect((await call('GET', `/meta/${id}`)).json).toMatchObject({ id });
});

it('deletes for everybody, once', async () => {
  const { json } = await post(png, 'image/png');
  const id = String((json as Item)['id']);
  expect(await call('DELETE', `/meta/${id}`)).toMatchObject({ status: 200, json: null, text: 'null' });
  expect((await call('DELETE', `/meta/${id}`)).status).toBe(404);
  expect((await call('GET', `/meta/${id}`)).status).toBe(404);
  expect((await call('GET', `/download/${id}`, {}, null)).status).toBe(404);
  expect((await user.get(`/api/file?id=${id}`)).text).toBe('[]');
  const last = (await call('GET', '/list/last')).json as Item[];
  expect(last.some((item) => item['id'] === id)).toBe(false);
});

it('lists newest first, since and at most', async () => {
  const lister = await test.user('lister');
  expect(await call('GET', '/list', {}, lister.token)).toMatchObject({
    status: 404,
    json: { detail: 'No items found' },
  });
  expect(await call('GET', '/list/last', {}, lister.token)).toMatchObject({ status: 200, json: [] });
  const ids: unknown[] = [];
  for (const fill of [1, 2, 3])
    ids.unshift(((await post(Buffer.alloc(10, fill), 'image/gif', lister.token)).json as Item)['id']);
  const list = (await call('GET', '/list', {}, lister.token)).json as Item[];
  expect(list.map((item) => item['id'])).toEqual(ids);
  expect(list[0]).toMatchObject({ quizzes: [], quiztivities: [], size: 10, server: null, deleted_at: null });
  expect(
    ((await call('GET', '/list/last?count=2', {}, lister.token)).json as Item[]).map((item) => item['id']),
  ).toEqual(ids.slice(0, 2));
  const since = String(list[1]?.['uploaded_at']);
  const later = list.filter((item) => String(item['uploaded_at']) > since).map((item) => item['id']);
  const found = await call('GET', `/list?since=${since}`, {}, lister.token);
  expect(found.status === 404 ? [] : (found.json as Item[]).map((item) => item['id'])).toEqual(later);
  for (const text of [
    '2024-01-15T10:30:00Z',
    '2024-01-15T10:30:00',
    '2024-01-15T10:30:00.123456%2B02:00',
    '2024-01-15',
    '1700000000',
  ]) {
    expect((await call('GET', `/list?since=${text}`, {}, lister.token)).status, text).toBe(200);
  }
  expect((await call('GET', '/list?since=2999-01-01', {}, lister.token)).status).toBe(404);
  expect((await call('GET', '/list?since=soon', {}, lister.token)).status).toBe(422);
  for (const count of ['x', '-1', '1.5'])
    expect((await call('GET', `/list/last?count=${count}`, {}, lister.token)).status, count).toBe(422);
});

it('keeps the quota, and says how much is left', async () => {
  const made = await test.admin.post('/api/user', { username: 'small', storage_limit: 1000 });
  const token = made.json['token'] as string;
  expect((await post(Buffer.alloc(600, 1), 'image/png', token)).status).toBe(200);
  expect((await call('GET', '/limit', {}, token)).json).toEqual({ limit: 1000, limit_reached: false, used: 600 });
  expect(await post(Buffer.alloc(500, 2), 'image/png', token)).toMatchObject({
    status: 409,
    json: { detail: 'Storage limit reached' },
  });
  expect(await post(Buffer.alloc(700_000, 2), 'image/png', token)).toMatchObject({ status: 409 });
  expect((await post(Buffer.alloc(500, 2), 'text/plain', token)).status).toBe(422);
  expect((await post(Buffer.alloc(600, 1), 'image/png', token)).status).toBe(200);
  expect((await post(Buffer.alloc(400, 3), 'image/png', token)).status).toBe(200);
  expect((await call('GET', '/limit', {}, token)).json).toEqual({ limit: 1000, limit_reached: true, used: 1000 });
});

it('keeps the quota against parallel uploads', async () => {
  const made = await test.admin.post('/api/user', { username: 'hasty', storage_limit: 1000 });
  const token = made.json['token'] as string;
  const sent = await Promise.all([1, 2, 3, 4, 5].map((fill) => post(Buffer.alloc(300, fill), 'image/png', token)));
  expect(sent.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 200, 409, 409]);
});

it('leaves nothing of an upload that is broken off', async () => {
  const incoming = join(test.settings.storageDir, 'incoming');
  const { hostname, port } = new URL(test.server.url);
  const socket = connect(Number(port), hostname);
  const { body, type } = form(Buffer.alloc(3_000_000, 9), 'image/png');
  socket.write(
    `POST ${base}/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${user.token}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  socket.write(body.subarray(0, 2_000_000));
  await expect.poll(async () => (await readdir(incoming)).length).toBe(1);
  socket.destroy();
  await expect.poll(async () => (await readdir(incoming)).length).toBe(0);
  const used = ((await call('GET', '/limit')).json as { used: number }).used;
  expect(used).toBeLessThan(2_000_000);
});

it('answers in its own words where there is nothing', async () => {
  expect(await call('GET', '/nothing/here')).toMatchObject({ status: 404, json: { detail: 'Not Found' } });
  expect(await call('PATCH', '/list')).toMatchObject({ status: 405, json: { detail: 'Method Not Allowed' } });
});

it('finds the hash of what came by another way', async () => {
  const bytes = Buffer.from('%PDF-1.4 from elsewhere');
  const announced = await user.post('/api/file/upload_url', {
    size: bytes.length,
    checksum: createHash('md5').update(bytes).digest('hex'),
    name: 'a.pdf',
    file_format: 'pdf',
    preset: 'document',
  });
  const { url, content_type } = announced.json as Record<string, string>;
  expect(
    (await fetch(String(url), { method: 'PUT', body: bytes, headers: { 'content-type': String(content_type) } }))
      .status,
  ).toBe(200);
  const { id } = announced.json['file'] as { id: string };
  await expect
    .poll(async () => (await call('HEAD', `/download/${id}`, {}, null)).headers.get('x-hash'))
    .toMatch(/^[0-9a-f]{32}$/);
  expect((await call('GET', '/list')).json).toContainEqual(
    expect.objectContaining({ mime_type: 'application/pdf', size: bytes.length }),
  );
});
