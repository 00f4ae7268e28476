import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ADMIN_TOKEN, startTestServer, type Api, type TestServer } from '../../http/testing/harness.ts';
import { fetched, message, numbers, openApi } from './testing/api.ts';

let test: TestServer;
let call: Awaited<ReturnType<typeof openApi>>['call'];
let upload: Awaited<ReturnType<typeof openApi>>['upload'];
let item: Awaited<ReturnType<typeof openApi>>['item'];
let ada: Api;

beforeAll(async () => {
  test = await startTestServer();
  ({ call, upload, item } = await openApi(test));
  ada = await test.user('ada');
});
afterAll(() => test.stop());

it('checks a form in the order that its clients know', async () => {
  const one = '400 Invalid request. Exactly one file must be uploaded per request.';
  expect(
    message(await call('POST', 'files', ADMIN_TOKEN, { item: { id: item } }, { 'content-type': 'application/json' })),
  ).toBe(one);
  expect(message(await upload({ field: 'file[]' }))).toBe(one);
  expect(message(await upload({ field: 'other' }))).toBe(one);
  expect(message(await upload({ data: null }))).toBe('400 Invalid request. Missing JSON data.');
  for (const data of ['[]', '{', '"x"', 'null'])
    expect(message(await upload({ data })), data).toBe('400 Invalid request. Request body must be a JSON object.');
  for (const data of [{}, { item: 1 }, { item: { id: 999_999 } }, { item: { id: 'x' } }]) {
    expect(message(await upload({ data }))).toBe('400 Invalid item. File must belong to an existing item.');
  }
  expect(message(await upload({ key: null }))).toBe('403 Permission denied.');
  expect(message(await upload({ key: null, data: null }))).toBe('400 Invalid request. Missing JSON data.');
  expect(message(await upload({ key: ada.token }))).toBe('403 Permission denied.');
  expect(message(await upload({ key: 'wrong' }))).toBe('403 Invalid key.');
  expect(message(await upload({ data: { item: { id: item }, order: 'abc' } }))).toBe(
    '400 Invalid order. It must be a whole number.',
  );
  for (const type of ['application/octet-stream', 'text/plain']) {
    const data = `--b\r\nContent-Disposition: form-data; name="data"\r\n\r\n{"item":{"id":${item}}}\r\n`;
    const unchosen = `--b\r\nContent-Disposition: form-data; name="file"; filename=""\r\nContent-Type: ${type}\r\n\r\n\r\n--b--`;
    const headers = { 'content-type': 'multipart/form-data; boundary=b' };
    expect(message(await call('POST', 'files', ADMIN_TOKEN, data + unchosen, headers)), type).toBe(
      "500 File 'file' was not uploaded",
    );
  }
  const form = new FormData();
  form.set('key', ADMIN_TOKEN);
  form.set('data', JSON.stringify({ item: { id: item }, order: 0 }));
  form.set('file', new Blob(['as a field\n']), 'k.txt');
  const made = await fetched(await fetch(`${test.server.url}/api/files`, { method: 'POST', body: form }));
  expect([made.status, made.json['order']]).toEqual([201, null]);
  form.delete('key');
  form.set('key', ADMIN_TOKEN);
  const late = await fetched(await fetch(`${test.server.url}/api/files`, { method: 'POST', body: form }));
  expect(message(late)).toBe('400 Invalid request. The key must come before the file.');
  form.set('key', 'wrong');
  const wrong = await fetched(await fetch(`${test.server.url}/api/files`, { method: 'POST', body: form }));
  expect(message(wrong)).toBe('403 Invalid key.');
});

it('lets contributors keep to their own items', async () => {
  const own = (await call('POST', 'items', ada.token, { public: false })).json['id'] as number;
  const made = await upload({ key: ada.token, data: { item: { id: own } } });
  const id = made.json['id'] as number;
  expect(made.status).toBe(201);
  expect(message(await call('GET', `files/${id}`, null))).toBe('404 Invalid record. Record not found.');
  expect(message(await upload({ key: null, data: { item: { id: own } } }))).toBe(
    '400 Invalid item. File must belong to an existing item.',
  );
  expect((await call('GET', `files/${id}`, ada.token)).status).toBe(200);
  expect((await call('PUT', `files/${id}`, ada.token, { order: '9' })).json['order']).toBe(9);
  expect(message(await call('DELETE', `files/${id}`, ada.token))).toBe('403 Permission denied.');
  const other = await test.user('grace');
  expect((await call('GET', `files/${id}`, other.token)).status).toBe(200);
  expect(message(await call('PUT', `files/${id}`, other.token, {}))).toBe('403 Permission denied.');
  expect(numbers(await call('GET', `files?item=${own}`, null))).toEqual([]);
  const gone = await call('DELETE', `files/${id}`, ADMIN_TOKEN);
  expect([gone.status, gone.text, gone.headers.get('content-type')]).toEqual([204, '', 'text/html; charset=utf-8']);
  expect((await call('DELETE', `files/${id}`, ADMIN_TOKEN)).status).toBe(404);
});

it('edits order and texts, and nothing else', async () => {
  const { json } = await upload();
  const path = `files/${String(json['id'])}`;
  const texts = [
    { element: { id: 50 }, text: 'one', html: true },
    { element: { id: 50 }, text: '😀 two' },
    { element: { id: 999 }, text: 'unknown' },
  ];
  const edited = await call('PUT', path, ADMIN_TOKEN, {
    order: 3,
    element_texts: texts,
    filename: 'x',
    size: 1,
    item: { id: 1 },
  });
  expect(edited.json).toMatchObject({ order: 3, filename: json['filename'], size: json['size'], item: json['item'] });
  expect(
    (edited.json['element_texts'] as { text: string; html: boolean }[]).map(({ text, html }) => [text, html]),
  ).toEqual([
    ['one', true],
    ['😀 two', false],
  ]);
  expect((await call('PUT', path, ADMIN_TOKEN, { order: null })).json).toMatchObject({
    order: 3,
    element_texts: [{}, {}],
  });
  expect((await call('PUT', path, ADMIN_TOKEN, { element_texts: [] })).json['element_texts']).toEqual([]);
  expect(message(await call('PUT', path, ADMIN_TOKEN, '[]'))).toBe(
    '400 Invalid request. Request body must be a JSON object.',
  );
  for (const body of [{ order: -1 }, { element_texts: [{ text: 'x' }] }])
    expect((await call('PUT', path, ADMIN_TOKEN, body)).status).toBe(400);
});

it('answers what cannot be done as Omeka does', async () => {
  const cases: [string, string, string | null, string][] = [
    ['GET', 'files', 'wrong', '403 Invalid key.'],
    ['GET', 'nothing', ADMIN_TOKEN, '404 The "nothing" resource is unavailable.'],
    ['GET', 'nothing', 'wrong', '403 Invalid key.'],
    ['POST', 'files/1', ADMIN_TOKEN, '405 POST requests must not include an ID.'],
    ['PUT', 'files', ADMIN_TOKEN, '405 PUT and DELETE requests must include an ID.'],
    ['DELETE', 'files', ADMIN_TOKEN, '405 PUT and DELETE requests must include an ID.'],
    ['PATCH', 'files/1', ADMIN_TOKEN, '405 This resource does not implement the "patch" action.'],
    ['OPTIONS', 'files/1', ADMIN_TOKEN, '405 This resource does not implement the "options" action.'],
    ['DELETE', 'element_sets/1', ADMIN_TOKEN, '405 This resource does not implement the "delete" action.'],
    ['GET', 'files?foo=1', ADMIN_TOKEN, '400 Invalid GET request parameter: "foo"'],
    ['GET', 'files/99999?page=1', ADMIN_TOKEN, '400 Invalid GET request parameter: "page"'],
    ['GET', 'files/99999', ADMIN_TOKEN, '404 Invalid record. Record not found.'],
    ['GET', 'files/abc', ADMIN_TOKEN, '404 Invalid record. Record not found.'],
    ['PUT', 'files/99999', null, '404 Invalid record. Record not found.'],
    ['GET', 'files?callback=%3Cscript%3E', null, '400 Invalid GET request parameter: "callback"'],
    ['GET', 'files?added_since=garbage', null, '500 unsupported ISO8601 format (garbage)'],
  ];
  for (const [method, path, key, expected] of cases)
    expect(message(await call(method, path, key)), `${method} ${path}`).toBe(expected);
  expect((await call('HEAD', 'files', null)).status).toBe(405);
  expect((await call('GET', 'nothing', null)).text).toContain('not_found');
});

it('leaves nothing of an upload that is broken off', async () => {
  const incoming = async () => await readdir(join(test.settings.storageDir, 'incoming'));
  const { hostname, port } = new URL(test.server.url);
  const socket = connect(Number(port), hostname);
  const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n';
  const type = 'Content-Type: multipart/form-data; boundary=b';
  socket.write(
    `POST /api/files?key=${ADMIN_TOKEN} HTTP/1.1\r\nHost: x\r\n${type}\r\nContent-Length: 9000000\r\n\r\n${part}`,
  );
  socket.write(Buffer.alloc(2_000_000, 'text '));
  await expect.poll(async () => (await incoming()).length).toBe(1);
  socket.destroy();
  await expect.poll(incoming).toEqual([]);
});

it('takes the method from a header, and ids as far as they are digits', async () => {
  const { json } = await upload();
  const id = String(json['id']);
  for (const path of [`files/${id}abc`, `files/${id}/`, `files/${id}/extra`])
    expect((await call('GET', path, ADMIN_TOKEN)).json['id'], path).toBe(json['id']);
  expect(
    (await call('POST', `files/${id}`, ADMIN_TOKEN, undefined, { 'x-http-method-override': 'DELETE' })).status,
  ).toBe(204);
});

it('deletes an item with its files', async () => {
  const { json, headers } = await call('POST', 'items', ada.token, {
    element_texts: [{ element: { id: 50 }, text: 'T', html: false }],
  });
  const id = json['id'] as number;
  expect(headers.get('location')).toBe(json['url']);
  expect(json).toMatchObject({
    public: false,
    featured: false,
    files: { count: 0 },
    element_texts: [{ text: 'T' }],
    tags: [],
  });
  const file = (await upload({ key: ada.token, data: { item: { id } } })).json['id'] as number;
  expect((await call('GET', `items/${id}`, ada.token)).json['files']).toMatchObject({
    count: 1,
    url: `${test.server.url}/api/files?item=${id}`,
  });
  expect((await call('PUT', `items/${id}`, ada.token, { public: true })).json['public']).toBe(true);
  expect((await call('DELETE', `items/${id}`, null)).status).toBe(403);
  expect((await call('DELETE', `items/${id}`, ada.token)).status).toBe(204);
  expect((await call('GET', `items/${id}`, ada.token)).status).toBe(404);
  expect((await call('GET', `files/${file}`, ADMIN_TOKEN)).status).toBe(404);
});

it('shows the owner what came by another way, and nobody else', async () => {
  const bytes = Buffer.from('GIF89a not much of one');
  const sent = await fetch(`${test.server.url}/api/v1/storage/raw`, {
    method: 'POST',
    body: bytes,
    headers: { authorization: `Bearer ${ada.token}`, 'content-type': 'image/gif' },
  });
  const { id } = (await sent.json()) as { id: string };
  const name = id.replaceAll('-', '');
  const has = async (key: string | null) =>
    (await call('GET', 'files?sort_field=id&sort_dir=d', key)).text.includes(name);
  expect([
    await has(ada.token),
    await has(ADMIN_TOKEN),
    await has(null),
    await has((await test.user('eve')).token),
  ]).toEqual([true, true, false, false]);
});
