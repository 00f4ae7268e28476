import { deflateSync } from 'node:zlib';
import { connect } from 'node:net';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../http/testing/harness.ts';
import { signedForm, type Consumer } from './testing/learnosity.ts';

let test: TestServer;
let url: string;
let consumer: Consumer;
let item: number;

beforeAll(async () => {
  test = await startTestServer();
  url = test.server.url;
  consumer = (await test.server.admin('learnosity.add', { organisation: 1 })) as unknown as Consumer;
  const made = await fetch(`${url}/api/items?key=${test.admin.token}`, { method: 'POST', body: '{"public":true}' });
  item = ((await made.json()) as { id: number }).id;
});
afterEach(async () => {
  // Whatever came: nothing of it is left half done, and the server lives.
  await expect.poll(() => readdir(join(test.settings.storageDir, 'incoming'))).toEqual([]);
  expect((await fetch(`${url}/health`)).status).toBe(200);
});
afterAll(() => test.stop());

function crc(bytes: Buffer): number {
  let sum = -1;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return ~sum >>> 0;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A picture of 2.5 gigapixels in a few kilobytes. */
function bomb(): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(50_000, 0);
  head.writeUInt32BE(50_000, 4);
  head.set([1, 0, 0, 0, 0], 8);
  const rows = deflateSync(Buffer.alloc(6_251 * 500));
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

const SCRIPT = '<script>alert(1)</script>';
const FILES: Record<string, { bytes: Buffer; type: string; name: string }> = {
  'HTML that calls itself a picture': {
    bytes: Buffer.from(`<!doctype html>${SCRIPT}`),
    type: 'image/png',
    name: 'a.png',
  },
  'a drawing with a script': {
    bytes: Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">${SCRIPT}</svg>`),
    type: 'image/svg+xml',
    name: 'a.svg',
  },
  'a drawing that reads a file': {
    bytes: Buffer.from(
      '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="90" height="90"><text y="20">&x;</text><image xlink:href="file:///etc/passwd"/></svg>',
    ),
    type: 'image/svg+xml',
    name: 'x.svg',
  },
  'a drawing that laughs a billion times': {
    bytes: Buffer.from(
      `<!DOCTYPE svg [<!ENTITY a "haha">${'bcdefghij'
        .split('')
        .map((name, at) => `<!ENTITY ${name} "${`&${'abcdefghij'[at]};`.repeat(10)}">`)
        .join('')}]><svg xmlns="http://www.w3.org/2000/svg"><text>&j;</text></svg>`,
    ),
    type: 'image/svg+xml',
    name: 'l.svg',
  },
  'a picture that is a script too': {
    bytes: Buffer.from('GIF89a/*\x01\0\x01\0*/=1;alert(1)//'),
    type: 'image/gif',
    name: 'a.gif',
  },
  'a picture with PHP in it': {
    bytes: Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.from('<?php system($_GET[0]);')]),
    type: 'image/jpeg',
    name: 'a.php.jpg',
  },
  'a picture of 2.5 gigapixels': { bytes: bomb(), type: 'image/png', name: 'bomb.png' },
  'a picture cut off': { bytes: bomb().subarray(0, 60), type: 'image/png', name: 'cut.png' },
};

async function classquiz(bytes: Buffer, type: string, name: string) {
  const form = new FormData();
  form.set('file', new Blob([bytes as BlobPart], { type }), name);
  const headers = { authorization: `Bearer ${test.admin.token}` };
  const answer = await fetch(`${url}/api/v1/storage/`, { method: 'POST', body: form, headers });
  return {
    status: answer.status,
    json: (await answer.json()) as { id: string; thumbhash: string | null; detail?: unknown },
  };
}

async function omeka(bytes: Buffer, name: string) {
  const form = new FormData();
  form.set('data', JSON.stringify({ item: { id: item } }));
  form.set('file', new Blob([bytes as BlobPart]), name);
  const answer = await fetch(`${url}/api/files?key=${test.admin.token}`, { method: 'POST', body: form });
  return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
}

async function learnosity(subkey: string, bytes: Buffer, type: string): Promise<string> {
  const form = signedForm(consumer, { subkeys: [subkey], subkey_types: { [subkey]: type } });
  const answer = await fetch(`${url}/v1/itembank/upload/assets`, { method: 'POST', body: form });
  const { data } = (await answer.json()) as { data: { upload: string; public: string }[] };
  const granted = data[0] as { upload: string; public: string };
  const put = await fetch(granted.upload, {
    method: 'PUT',
    body: bytes as BodyInit,
    headers: { 'content-type': type },
  });
  expect(put.status).toBe(200);
  return `http:${granted.public}`;
}

/** Nothing of what is served here runs in a browser that shows it. */
async function expectDefused(address: string, type: string): Promise<void> {
  const answer = await fetch(address);
  const { headers } = answer;
  await answer.arrayBuffer();
  expect([answer.status, headers.get('content-type'), headers.get('x-content-type-options')]).toEqual([
    200,
    type,
    'nosniff',
  ]);
  const isPassive = /^(?:image\/(?!svg)|audio\/|video\/)/.test(type);
  if (isPassive) return;
  expect(headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
  expect(headers.get('content-disposition')).toMatch(/^attachment/);
}

describe.each(Object.entries(FILES))('%s', (_, { bytes, type, name }) => {
  it('is defused in ClassQuiz', async () => {
    const { status, json } = await classquiz(bytes, type, name);
    expect(status).toBe(200);
    if (type !== 'image/svg+xml') expect(json.thumbhash).toBeNull();
    await expectDefused(`${url}/api/v1/storage/download/${json.id}`, type);
    await expectDefused(`${url}/files/original/${json.id.replaceAll('-', '')}`, type);
  });

  it('is refused or defused in Omeka', async () => {
    const { status, json } = await omeka(bytes, name);
    if (status === 500) expect(json['message']).toMatch(/could not be ingested because it has a disallowed/);
    else {
      expect([status, json['has_derivative_image']]).toEqual([201, false]);
      await expectDefused((json['file_urls'] as { original: string }).original, json['mime_type'] as string);
    }
  });

  it('is defused in Learnosity', async () => {
    await expectDefused(await learnosity(name, bytes, type), type);
  });
});

/** Claims 2.5 gigapixels of grey, and brings ten. */
function tiffBomb(): Buffer {
  const entries = [
    [256, 50_000],
    [257, 50_000],
    [258, 8],
    [259, 1],
    [262, 1],
    [273, 8],
    [277, 1],
    [278, 50_000],
    [279, 10],
  ] as const;
  const ifd = Buffer.alloc(2 + entries.length * 12 + 4);
  ifd.writeUInt16LE(entries.length, 0);
  for (const [index, [tag, value]] of entries.entries()) {
    const at = 2 + index * 12;
    ifd.writeUInt16LE(tag, at);
    ifd.writeUInt16LE(4, at + 2);
    ifd.writeUInt32LE(1, at + 4);
    ifd.writeUInt32LE(value, at + 8);
  }
  return Buffer.concat([Buffer.from('49492a0012000000', 'hex'), Buffer.alloc(10, 7), ifd]);
}

it('makes no picture of a TIFF that claims too much, or is cut off', async () => {
  for (const [name, bytes] of [
    ['bomb.tif', tiffBomb()],
    ['cut.tif', tiffBomb().subarray(0, 40)],
  ] as const) {
    const { status, json } = await omeka(bytes, name);
    expect([status, json['mime_type'], json['has_derivative_image']], name).toEqual([201, 'image/tiff', false]);
    const made = await fetch(`${url}/files/thumbnails/${String(json['filename']).slice(0, 32)}.jpg`);
    expect(made.status).toBe(404);
  }
});

it('serves a page as an attachment in a sandbox', async () => {
  await expectDefused(await learnosity('a/page.html', Buffer.from(SCRIPT), 'text/html'), 'text/html');
});

it('takes no path from a name', async () => {
  for (const name of ['../../../etc/passwd.txt', '..\\..\\passwd.txt', '/etc/passwd.txt', 'C:\\passwd.txt']) {
    const { status, json } = await omeka(Buffer.from('text\n'), name);
    expect([status, json['original_filename'], json['filename']], name).toEqual([
      201,
      'passwd.txt',
      expect.stringMatching(/^[0-9a-f]{32}\.txt$/),
    ]);
  }
});

it('says of a forged name no more than a name', async () => {
  const names = [
    'a\r\nX-Evil: 1.txt',
    '"; filename="evil.txt',
    "';alert(1)'.txt",
    '<img src=x>.txt',
    'ünï ☀\u202e.txt',
  ];
  for (const name of [...names, `${'n'.repeat(5_000)}.txt`, '.txt', ' .txt', '%2e%2e%2fa.txt', '${HOME}.txt']) {
    const { status, json } = await omeka(Buffer.from('text\n'), name);
    expect(status, name).toBe(201);
    expect(String(json['original_filename']).length, name).toBeLessThanOrEqual(255);
    expect(String(json['original_filename']), name).not.toMatch(/[\p{Cc}/\\]/u);
    const answer = await fetch((json['file_urls'] as { original: string }).original);
    expect([answer.status, answer.headers.has('x-evil'), await answer.text()], name).toEqual([200, false, 'text\n']);
    expect(answer.headers.get('content-disposition'), name).toMatch(
      /^inline; filename=(?:"(?:[^"\\]|\\.)*"|[\w.%]+)(?:; filename\*=UTF-8''[\w.%!~*()-]+)?$/,
    );
  }
});

it('finds no file by a path', async () => {
  for (const path of [
    '/files/original/..%2f..%2fcambium.db',
    '/files/..%2f/x',
    '/api/v1/storage/download/..%2f..%2fcambium.db',
    '/learnosity/organisations/1/..%2f..%2fx',
    '/files/constructor/00000000000000000000000000000000.jpg',
  ]) {
    expect((await fetch(url + path)).status, path).toBeGreaterThanOrEqual(400);
  }
});

it.each([
  ['/api/v1/storage/download/%zz', 400, /^{"detail":"Invalid file name"}$/],
  ['/api/v1/storage/meta/%ff', 400, /^{"detail":"Invalid file name"}$/],
  ['/api/v1/storage/no/such', 404, /^{"detail":"Not Found"}$/],
  ['/api/files/%zz', 404, /^{"message":"Invalid record. Record not found."}$/],
  ['/api/items/%', 404, /^{"message":"Invalid record. Record not found."}$/],
  ['/files', 404, /^Not Found$/],
  ['/files/original/%zz', 404, /^Not Found$/],
  ['/files/original/00000000000000000000000000000000/x', 404, /^Not Found$/],
  ['/v1/itembank/%zz', 404, /"code":20012/],
  ['/v1/itembank', 404, /"code":20012/],
  ['/%zz/itembank/upload/assets', 404, /^Invalid request/],
  ['/itembank/%zz', 404, /^Invalid request/],
  ['/learnosity/organisations/1/%zz', 404, /<Code>NoSuchKey</],
])('answers %s in the words of the API that it belongs to', async (path, status, text) => {
  const answer = await fetch(url + path);
  expect([answer.status, await answer.text()]).toEqual([status, expect.stringMatching(text)]);
});

it('takes no part in a form without end', async () => {
  const send = async (body: string, path = '/api/v1/storage/') => {
    const headers = { authorization: `Bearer ${test.admin.token}`, 'content-type': 'multipart/form-data; boundary=b' };
    return (await fetch(url + path, { method: 'POST', body, headers })).status;
  };
  const head = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n';
  expect(await send(`${head}\r\nbytes without an end`)).toBe(422);
  expect(await send(`${head}X-Long: ${'x'.repeat(1_000_000)}\r\n\r\nx\r\n--b--`)).toBe(422);
  expect(await send('no form at all')).toBe(422);
  expect(await send('')).toBe(422);
  const many = '--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n'.repeat(5_000);
  expect(await send(`${many}--b--\r\n`)).toBe(422);
  expect(await send(`${many}--b--\r\n`, `/api/files?key=${test.admin.token}`)).toBe(400);
});

/** What is answered to a form that goes on and on, before it ends. */
function answerTo(path: string, pieces: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const head = [
    'Host: x',
    `Authorization: Bearer ${test.admin.token}`,
    'Content-Type: multipart/form-data; boundary=b',
  ];
  socket.write(`POST ${path} HTTP/1.1\r\n${head.join('\r\n')}\r\nTransfer-Encoding: chunked\r\n\r\n`);
  for (const piece of pieces) socket.write(`${Buffer.byteLength(piece).toString(16)}\r\n${piece}\r\n`);
  return new Promise((resolve, reject) => {
    socket.setTimeout(10_000, () => reject(new Error('nothing was answered')));
    socket.once('error', reject).once('data', (bytes: Buffer) => resolve(bytes.toString()));
  }).finally(() => socket.destroy()) as Promise<string>;
}

it('answers a form with too many parts before its end, whoever sends it', async () => {
  const field = '--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n';
  const file = '--b\r\nContent-Disposition: form-data; name="x"; filename="x"\r\n\r\n1\r\n';
  const nothing = '--b\r\nX: y\r\n\r\n1\r\n';
  for (const part of [field, file, nothing]) {
    const parts = Array.from({ length: 1_000 }, () => part);
    expect(await answerTo('/api/v1/storage/', parts)).toMatch(/^HTTP\/1\.1 422 /);
    // Omeka reads forms of anybody: a file that no one can keep is a fault of its own.
    expect(await answerTo('/api/files', parts)).toMatch(/^HTTP\/1\.1 400 /);
  }
});

it('keeps nothing of a form that is broken behind its file', async () => {
  const file =
    '--b\r\nContent-Disposition: form-data; name="file"; filename="a.gif"\r\nContent-Type: image/gif\r\n\r\nGIF\r\n';
  const field = '--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n';
  const listed = async () => (await fetch(`${url}/api/v1/storage/limit`, { headers })).json();
  const headers = { authorization: `Bearer ${test.admin.token}` };
  const before = await listed();
  const fields = Array.from({ length: 1_000 }, () => field);
  expect(await answerTo('/api/v1/storage/', [file, ...fields])).toMatch(/^HTTP\/1\.1 400 .*parsing the body/s);
  const form = { ...headers, 'content-type': 'multipart/form-data; boundary=b' };
  const cut = await fetch(`${url}/api/v1/storage/`, { method: 'POST', body: `${file}--b\r\nConte`, headers: form });
  expect([cut.status, await listed()]).toEqual([400, before]);
});
