import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { film } from '../../files/media/testing/mp4.ts';
import { ADMIN_TOKEN, startTestServer, type Api, type TestServer } from '../../http/testing/harness.ts';

let test: TestServer;
let ada: Api;
let jpeg: Buffer;
let item: number;

beforeAll(async () => {
  test = await startTestServer();
  ada = await test.user('ada');
  jpeg = await sharp({ create: { width: 1200, height: 900, channels: 3, background: '#2060c0' } })
    .jpeg()
    .withExif({ IFD0: { Copyright: 'nobody' } })
    .toBuffer();
  item = (await call('POST', 'items', ADMIN_TOKEN, { public: true })).json['id'] as number;
});
afterAll(() => test.stop());

interface Answer {
  status: number;
  headers: Headers;
  text: string;
  json: Record<string, unknown>;
}

async function fetched(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = text !== '' && response.headers.get('content-type') === 'application/json';
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? (JSON.parse(text) as Answer['json']) : {},
  };
}

async function call(
  method: string,
  path: string,
  key: string | null,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const url = new URL(`/api/${path}`, test.server.url);
  if (key !== null) url.searchParams.set('key', key);
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  return fetched(await fetch(url, { method, headers, ...(text !== undefined && { body: text }) }));
}

interface Sent {
  data?: unknown;
  bytes?: Uint8Array;
  name?: string;
  field?: string;
  key?: string | null;
}

async function upload({
  data = { item: { id: item } },
  bytes = Buffer.from('plain text\n'),
  name = 'a.txt',
  field = 'file',
  key = ADMIN_TOKEN,
}: Sent = {}): Promise<Answer> {
  const form = new FormData();
  if (data !== null) form.set('data', typeof data === 'string' ? data : JSON.stringify(data));
  form.set(field, new Blob([bytes as BlobPart], { type: 'application/pdf' }), name);
  const query = key === null ? '' : `?key=${key}`;
  return fetched(await fetch(`${test.server.url}/api/files${query}`, { method: 'POST', body: form }));
}

const message = ({ status, json }: Answer) => `${status} ${String(json['message'])}`;
const numbers = (answer: Answer) => (answer.json as unknown as { id: number }[]).map(({ id }) => id);

it('stores a picture and says everything of it', async () => {
  const text = { html: false, text: 'Lorem', element: { id: 50 } };
  const { status, headers, json } = await upload({
    bytes: jpeg,
    name: 'dir\\big.JPG',
    data: { order: 2, item: { id: String(item) }, element_texts: [text, 'no', { text: '' }] },
  });
  expect(status).toBe(201);
  expect(headers.get('location')).toBe(json['url']);
  const base = test.server.url;
  const hex = (json['filename'] as string).slice(0, 32);
  expect(json).toMatchObject({
    url: `${base}/api/files/${String(json['id'])}`,
    file_urls: {
      original: `${base}/files/original/${hex}.JPG`,
      fullsize: `${base}/files/fullsize/${hex}.jpg`,
      thumbnail: `${base}/files/thumbnails/${hex}.jpg`,
      square_thumbnail: `${base}/files/square_thumbnails/${hex}.jpg`,
    },
    added: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/),
    filename: expect.stringMatching(/^[0-9a-f]{32}\.JPG$/),
    authentication: expect.stringMatching(/^[0-9a-f]{32}$/),
    has_derivative_image: true,
    mime_type: 'image/jpeg',
    order: 2,
    original_filename: 'big.JPG',
    size: jpeg.length,
    stored: true,
    type_os: expect.stringMatching(/^JPEG image data/),
    metadata: {
      mime_type: 'image/jpeg',
      video: { dataformat: 'jpg', lossless: false, bits_per_sample: 24, resolution_x: 1200, resolution_y: 900 },
      jpg: { exif: { IFD0: expect.anything(), COMPUTED: { Width: 1200 } } },
    },
    item: { id: item, url: `${base}/api/items/${item}`, resource: 'items' },
    element_texts: [
      {
        html: false,
        text: 'Lorem',
        element_set: { id: 1, url: `${base}/api/element_sets/1`, name: 'Dublin Core', resource: 'element_sets' },
        element: { id: 50, url: `${base}/api/elements/50`, name: 'Title', resource: 'elements' },
      },
    ],
    extended_resources: [],
  });
  const urls = json['file_urls'] as Record<string, string>;
  const original = await fetch(String(urls['original']));
  expect(Buffer.from(await original.arrayBuffer()).equals(jpeg)).toBe(true);
  const sizes: Record<string, [number, number]> = {
    fullsize: [800, 600],
    thumbnail: [200, 150],
    square_thumbnail: [200, 200],
  };
  for (const [name, [width, height]] of Object.entries(sizes)) {
    const response = await fetch(String(urls[name]));
    const picture = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
    expect([response.status, picture.format, picture.width, picture.height], name).toEqual([
      200,
      'jpeg',
      width,
      height,
    ]);
  }
});

it('makes pictures of what archives keep, in the sizes that Omeka makes', async () => {
  const picture = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: '#a63' } });
  const sources: [name: string, bytes: Buffer, sizes: string][] = [
    ['a.tif', await picture(1200, 900).tiff().toBuffer(), '800x600 200x150 200x200'],
    ['a.gif', await picture(900, 300).gif().toBuffer(), '800x267 200x67 200x200'],
    ['a.jpg', await picture(400, 300).jpeg().withMetadata({ orientation: 6 }).toBuffer(), '300x400 150x200 200x200'],
    ['a.png', await picture(40, 40).png().toBuffer(), '40x40 40x40 200x200'],
  ];
  for (const [name, bytes, sizes] of sources) {
    const { json } = await upload({ bytes, name });
    const { original: _, ...made } = json['file_urls'] as Record<string, string>;
    const found = Object.values(made).map(async (url) => {
      const { format, width, height } = await sharp(Buffer.from(await (await fetch(url)).arrayBuffer())).metadata();
      return `${format} ${width}x${height}`;
    });
    expect([json['has_derivative_image'], (await Promise.all(found)).join(' ')], name).toEqual([
      true,
      sizes.replace(/(\d+x)/g, 'jpeg $1'),
    ]);
  }
});

it('tells what films and sounds say of themselves', async () => {
  const { json } = await upload({ bytes: film(), name: 'a.mp4' });
  expect(json).toMatchObject({
    mime_type: 'video/mp4',
    has_derivative_image: false,
    metadata: {
      mime_type: 'video/mp4',
      video: { dataformat: 'quicktime', resolution_x: 640, resolution_y: 360, fourcc: 'avc1', frame_rate: 25 },
      audio: { dataformat: 'mp4', channels: 2, sample_rate: 48_000 },
    },
  });
  const head = Buffer.from('524946462401000057415645666d74201000000001000100401f0000401f00000100080064617461', 'hex');
  const wav = Buffer.concat([head, Buffer.from([0, 1, 0, 0]), Buffer.alloc(256, 128)]);
  expect((await upload({ bytes: wav, name: 'a.wav' })).json).toMatchObject({
    mime_type: 'audio/x-wav',
    metadata: { mime_type: 'audio/wav', audio: { channels: 1, sample_rate: 8_000, lossless: true } },
  });
  const pdf = Buffer.from('%PDF-1.4\n1 0 obj\n<<>>\nendobj\n');
  expect((await upload({ bytes: pdf, name: 'a.pdf' })).json).toMatchObject({
    mime_type: 'application/pdf',
    metadata: { mime_type: 'application/pdf' },
  });
});

it('trusts the bytes and not the sender', async () => {
  const png = await sharp({ create: { width: 40, height: 40, channels: 3, background: '#000' } })
    .png()
    .toBuffer();
  expect((await upload({ bytes: png, name: 'picture.txt' })).json).toMatchObject({
    mime_type: 'image/png',
    has_derivative_image: true,
  });
  expect((await upload({ bytes: Buffer.from('hello\n'), name: 'text.png' })).json).toMatchObject({
    mime_type: 'text/plain',
    type_os: 'ASCII text',
    has_derivative_image: false,
    file_urls: { fullsize: null },
    metadata: [],
  });
});

it('looks at contents beside the requests, however long they take', async () => {
  const spaces = (fill: number) => Buffer.concat([Buffer.alloc(1_048_576, ' '), Buffer.from([fill])]);
  expect((await upload({ bytes: spaces(64) })).json['mime_type']).toBe('text/plain');
  const before = process.cpuUsage();
  for (const fill of [65, 66, 67]) expect((await upload({ bytes: spaces(fill) })).status).toBe(201);
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(600);
});

it('refuses what its lists do not name, with nothing kept', async () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
  const before = (await call('GET', 'files', ADMIN_TOKEN)).headers.get('omeka-total-results');
  expect(message(await upload({ bytes: svg, name: 'a.svg' }))).toBe(
    "500 The file 'a.svg' could not be ingested because it has a disallowed file extension (svg).\n\nThe file 'a.svg' could not be ingested because it has a disallowed MIME type (image/svg+xml).",
  );
  expect(message(await upload({ bytes: svg, name: 'a.png' }))).toMatch(
    /^500 .*disallowed MIME type \(image\/svg\+xml\)/,
  );
  expect(message(await upload({ bytes: Buffer.from('<!doctype html><p>x'), name: 'a.txt' }))).toMatch(
    /MIME type \(text\/html\)/,
  );
  expect(message(await upload({ bytes: Buffer.from('x\n'), name: 'a.exe2' }))).toMatch(/extension \(exe2\)/);
  expect(message(await upload({ bytes: new Uint8Array(), name: 'a.txt' }))).toMatch(/MIME type \(inode\/x-empty\)/);
  expect((await call('GET', 'files', ADMIN_TOKEN)).headers.get('omeka-total-results')).toBe(before);
  await expect.poll(() => readdir(join(test.settings.storageDir, 'incoming'))).toEqual([]);
});

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

it('lists by page, filter and order', async () => {
  const own = (await call('POST', 'items', ADMIN_TOKEN, { public: true })).json['id'] as number;
  const made: number[] = [];
  for (const text of ['a', 'bbbb', 'cc']) {
    const bytes = Buffer.from(`${text}\n`);
    made.push(
      (
        await upload({
          bytes,
          name: `${text}.txt`,
          data: { item: { id: own }, order: text === 'a' ? null : text.length },
        })
      ).json['id'] as number,
    );
  }
  const [a, b, c] = made as [number, number, number];
  const list = (query: string) => call('GET', `files?item=${own}${query}`, null);
  const all = await list('');
  expect(numbers(all)).toEqual([a, b, c]);
  expect(all.headers.get('omeka-total-results')).toBe('3');
  const page = await call('GET', `files?item=${own}&per_page=1&page=2&pretty_print`, ADMIN_TOKEN);
  const url = (to: number) => `<${test.server.url}/api/files?item=${own}&per_page=1&page=${to}&pretty_print=>`;
  expect(page.headers.get('link')).toBe(
    `${url(1)}; rel="first", ${url(3)}; rel="last", ${url(1)}; rel="prev", ${url(3)}; rel="next"`,
  );
  expect([numbers(page), page.text.startsWith('[\n    {\n        "id"')]).toEqual([[b], true]);
  expect(page.headers.get('link')).not.toContain('key=');
  expect(numbers(await list('&page=9'))).toEqual([]);
  for (const perPage of ['0', '-1', 'x', '51'])
    expect(numbers(await list(`&per_page=${perPage}`)), perPage).toEqual([a, b, c]);
  expect(numbers(await list('&sort_field=size&sort_dir=d'))).toEqual([b, c, a]);
  expect(numbers(await list('&sort_field=size&sort_dir=desc'))).toEqual([a, c, b]);
  expect(numbers(await list('&order=null'))).toEqual([a]);
  expect(numbers(await list('&order=4'))).toEqual([b]);
  expect(numbers(await list('&size_greater_than=2'))).toEqual([b, c]);
  expect(numbers(await list('&mime_type=text/plain'))).toEqual([a, b, c]);
  expect(numbers(await list('&mime_type=image/png'))).toEqual([]);
  expect(numbers(await list('&has_derivative_image=1'))).toEqual([]);
  expect(numbers(await list('&has_derivative_image=no&order='))).toEqual([a, b, c]);
  expect(numbers(await list('&added_since=2020-01-01'))).toEqual([a, b, c]);
  expect(numbers(await list('&modified_since=2020-01-01T00:00:00%2B02:00'))).toEqual([a, b, c]);
  expect((await call('PUT', `files/${a}`, ADMIN_TOKEN, { order: 9 })).status).toBe(200);
  expect(numbers(await list('&sort_field=order&sort_dir=d'))).toEqual([a, b, c]);
  expect((await call('PUT', `files/${a}`, ADMIN_TOKEN, { order: 0 })).json['order']).toBeNull();
  expect(numbers(await list('&sort_field=modified&sort_dir=a'))).toEqual([b, c, a]);
  expect(numbers(await list('&sort_field=nothing&sort_dir=d'))).toEqual([a, b, c]);
  expect(numbers(await list('&modified_since=2999-01-01T00:00:00Z'))).toEqual([]);
  const none = await list('&order=77');
  expect([none.text, none.headers.get('omeka-total-results'), none.headers.get('link')?.includes('page=0')]).toEqual([
    '[]',
    '0',
    true,
  ]);
  const script = await list('&callback=a.b');
  expect([
    script.headers.get('content-type'),
    script.text.startsWith('a.b({"headers":{"status":200},"data":[{'),
  ]).toEqual(['application/javascript', true]);
});

it('writes the addresses of other pages as PHP writes them', async () => {
  const page = await call('GET', 'files?item=*~a%20b%C3%BC&pretty_print', ADMIN_TOKEN);
  expect(page.headers.get('link')).toContain('/api/files?item=%2A%7Ea+b%C3%BC&pretty_print=&page=1&per_page=50>;');
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

it('lists items by filter and order', async () => {
  const made: number[] = [];
  for (const flags of [{ public: true, featured: true }, { public: true }, { public: false }])
    made.push((await call('POST', 'items', ada.token, flags)).json['id'] as number);
  const [a, b, c] = made as [number, number, number];
  const owner = ((await call('GET', `items/${a}`, null)).json['owner'] as { id: number }).id;
  const list = async (query: string, key: string | null = ada.token) =>
    numbers(await call('GET', `items?owner=${owner}${query}`, key)).filter((id) => made.includes(id));
  expect(await list('')).toEqual([a, b, c]);
  expect(await list('', null)).toEqual([a, b]);
  expect(await list('&public=0')).toEqual([c]);
  expect(await list('&featured=1')).toEqual([a]);
  expect(await list('&sort_field=id&sort_dir=d')).toEqual([c, b, a]);
  expect(await list('&sort_field=featured&sort_dir=a')).toEqual([b, c, a]);
  expect(await list('&added_since=2020-01-01')).toEqual([a, b, c]);
  expect(await list('&modified_since=2999-01-01')).toEqual([]);
  const page = await call('GET', `items?owner=${owner}&per_page=1&public=1&featured=1`, ada.token);
  expect([numbers(page), page.headers.get('omeka-total-results')]).toEqual([[a], '1']);
  expect(message(await call('GET', 'items?collection=1', null))).toBe(
    '400 Invalid GET request parameter: "collection"',
  );
});

it('knows Dublin Core', async () => {
  expect((await call('GET', 'element_sets', null)).json).toMatchObject([
    { id: 1, name: 'Dublin Core', record_type: null, elements: { count: 15 } },
    { id: 3, name: 'Item Type Metadata', record_type: 'Item' },
  ]);
  expect((await call('GET', 'elements/50', null)).json).toMatchObject({
    id: 50,
    name: 'Title',
    order: 1,
    element_set: { id: 1 },
  });
  expect(numbers(await call('GET', 'elements?element_set=1', null))).toEqual([
    37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51,
  ]);
  expect((await call('GET', 'site', null)).json).toMatchObject({ omeka_version: '3.2.1' });
  expect((await call('GET', 'resources', null)).json).toMatchObject({
    files: { actions: ['index', 'get', 'post', 'put', 'delete'] },
  });
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
