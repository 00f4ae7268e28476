import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { film } from '../../files/media/testing/mp4.ts';
import { ADMIN_TOKEN, startTestServer, type TestServer } from '../../http/testing/harness.ts';
import { message, openApi } from './testing/api.ts';

let test: TestServer;
let call: Awaited<ReturnType<typeof openApi>>['call'];
let upload: Awaited<ReturnType<typeof openApi>>['upload'];
let item: Awaited<ReturnType<typeof openApi>>['item'];
let jpeg: Buffer;

beforeAll(async () => {
  test = await startTestServer();
  ({ call, upload, item } = await openApi(test));
  jpeg = await sharp({ create: { width: 1200, height: 900, channels: 3, background: '#2060c0' } })
    .jpeg()
    .withExif({ IFD0: { Copyright: 'nobody' } })
    .toBuffer();
});
afterAll(() => test.stop());

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
