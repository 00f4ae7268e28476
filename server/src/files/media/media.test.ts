import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { thumbHashToRGBA } from 'thumbhash';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFiles, type FilesServer } from '../testing/server.ts';
import { sha256, upload } from '../testing/files.ts';
import { startHelper } from './helper.ts';
import { crc32 } from './testing/crc32.ts';

let server: FilesServer;
beforeAll(async () => {
  server = await startFiles();
  await server.user('ann');
});
afterAll(() => server.stop());

const IMAGE = { name: 'a.png', file_format: 'png', preset: 'exercise_image' };

function picture(width: number, height: number, background = '#d03030') {
  return sharp({ create: { width, height, channels: 4, background } });
}

/** PCM of silence in a WAV, which a browser calls audio/mpeg no more than we do. */
function wav(seconds: number): Buffer {
  const rate = 8_000;
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + rate * seconds, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36);
  head.writeUInt32LE(rate * seconds, 40);
  return Buffer.concat([head, Buffer.alloc(rate * seconds, 128)]);
}

describe('a picture', () => {
  it('is measured as it is shown, hashed, and made smaller on demand', async () => {
    const bytes = await picture(1200, 600).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const file = await upload(server, 'ann', bytes, { ...IMAGE, name: 'a.jpg', file_format: 'jpg' });
    const facts = await server.service.media.of(sha256(bytes), 20_000);
    expect(facts).toMatchObject({ kind: 'image', width: 600, height: 1200, duration: null });
    const thumb = thumbHashToRGBA(Buffer.from(String(facts?.thumbhash), 'base64'));
    expect(thumb.h).toBeGreaterThan(thumb.w);
    expect(thumb.rgba[0]).toBeGreaterThan(150);
    expect(thumb.rgba[1]).toBeLessThan(90);

    for (const [size, width, height] of [
      ['fullsize', 400, 800],
      ['thumbnail', 100, 200],
      ['square_thumbnail', 200, 200],
    ] as const) {
      const answer = await fetch(`${file.url}?size=${size}`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('Content-Type')).toBe('image/jpeg');
      expect(answer.headers.get('Cache-Control')).toContain('immutable');
      const made = await sharp(Buffer.from(await answer.arrayBuffer())).metadata();
      expect([made.format, made.width, made.height]).toEqual(['jpeg', width, height]);
    }
    expect((await fetch(`${file.url}?size=huge`)).status).toBe(400);
  });

  it('of few pixels is not enlarged, but for the square; nothing shows through', async () => {
    const bytes = await picture(40, 30, '#00000000').png().toBuffer();
    await upload(server, 'ann', bytes, IMAGE);
    const sizes = [];
    for (const size of ['fullsize', 'square_thumbnail'] as const) {
      const made = await server.service.media.derivative(sha256(bytes), size);
      const image = sharp(join(String(made?.root), String(made?.path)));
      const { width, height } = await image.metadata();
      sizes.push([width, height]);
      expect((await image.stats()).channels.map(({ min }) => min)).toEqual([255, 255, 255]);
    }
    expect(sizes).toEqual([
      [40, 30],
      [200, 200],
    ]);
  });

  it('drawn in SVG is read, and loads nothing from elsewhere', async () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><image href="file:///etc/hostname"/></svg>`;
    const bytes = Buffer.from(svg);
    await upload(server, 'ann', bytes, { ...IMAGE, name: 'a.svg', file_format: 'svg' });
    expect(await server.service.media.of(sha256(bytes), 20_000)).toMatchObject({
      kind: 'image',
      width: 90,
      height: 60,
    });
  });
});

describe('a recording', () => {
  it('tells its duration', async () => {
    const bytes = wav(3);
    const path = join(server.storage, 'sound');
    await writeFile(path, bytes);
    const helper = startHelper(worldOf(server));
    expect(await helper.examine(path)).toEqual({
      kind: 'audio',
      width: null,
      height: null,
      duration: 3,
      thumbhash: null,
    });
    await helper.stop();
  });
});

describe('a wrong file', () => {
  it('is stored and served, has no facts but that, and harms no other', async () => {
    const whole = await picture(300, 300).png().toBuffer();
    const wrong = [
      whole.subarray(0, whole.byteLength - 60),
      Buffer.concat([whole.subarray(0, 60), Buffer.alloc(5_000, 7)]),
      await bomb(),
    ];
    for (const bytes of wrong) {
      const file = await upload(server, 'ann', bytes, IMAGE);
      expect((await fetch(String(file.url))).status).toBe(200);
      expect(await server.service.media.of(sha256(bytes), 30_000)).toMatchObject({ kind: 'unreadable', width: null });
      expect((await fetch(`${file.url}?size=thumbnail`)).status).toBe(404);
    }
    await upload(server, 'ann', whole, IMAGE);
    expect(await server.service.media.of(sha256(whole), 20_000)).toMatchObject({ kind: 'image', width: 300 });
    expect(server.errors).toEqual([]);
  });

  it('that takes too long is given up, and the next one is read', async () => {
    const path = join(server.storage, 'slow.png');
    await writeFile(path, await picture(50, 50).png().toBuffer());
    const hasty = startHelper(worldOf(server), 1);
    expect(await hasty.examine(path)).toBeNull();
    expect(await hasty.derive(path, `${path}.jpg`, 'thumbnail')).toBe(false);
    await hasty.stop();
    const patient = startHelper(worldOf(server));
    expect(await patient.examine(path)).toMatchObject({ kind: 'image' });
    await patient.stop();
  });
});

it('looks after a restart at what it had not come to, and forgets what goes', async () => {
  const bytes = await picture(77, 33).png().toBuffer();
  const file = await upload(server, 'ann', bytes, IMAGE);
  await server.service.media.of(sha256(bytes), 20_000);
  server.connection.raw.prepare('DELETE FROM media').run();
  await server.service.stop();
  await server.restart();
  await server.service.media.settled();
  expect(await server.service.media.of(sha256(bytes))).toMatchObject({ width: 77, height: 33 });

  await server.as('ann', `/api/file/${file.id}`, { method: 'DELETE' });
  await server.service.sweep();
  server.time.ahead = 1_000 * 604_801;
  await server.service.sweep();
  expect(await server.service.media.of(sha256(bytes))).toBeNull();
});

/** 30,000 × 30,000 pixels in few bytes: no more than a header is needed to refuse it. */
async function bomb(): Promise<Buffer> {
  const small = await picture(1, 1).png().toBuffer();
  const bytes = Buffer.from(small);
  bytes.writeUInt32BE(30_000, 16);
  bytes.writeUInt32BE(30_000, 20);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes;
}

function worldOf({ errors }: FilesServer) {
  const ignore = () => undefined;
  return {
    log: { debug: ignore, info: ignore, warn: ignore, error: (fields: object) => void errors.push(fields) },
    timers: {
      after(ms: number, callback: () => void) {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
    },
  };
}
