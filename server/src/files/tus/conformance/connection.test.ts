import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { BYTES, contentOf, expectOffset, onServer, testRows, type Row } from './testing/rows.ts';
import { openWire, sendUntilAnswered, type Wire } from './testing/wire.ts';

/** PATCH on connections that are slow, stall, break, or are answered before everything was said. */
const at = onServer({ maxFileSize: 2 ** 30 });
const CHUNKED = { ...BYTES, 'Upload-Offset': 0, 'Transfer-Encoding': 'chunked' };

function chunk(wire: Wire, bytes: Uint8Array): void {
  wire.write(`${bytes.byteLength.toString(16)}\r\n`);
  wire.write(bytes);
  wire.write('\r\n');
}

/** Waits until the server has so much of it, without asking in a way that ends what runs. */
async function arrived(url: string, offset: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if ((await at.tus.offset(url)) >= offset) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const ROWS: Row[] = [
  [
    'NEED',
    'a body of unknown length is taken',
    async () => {
      const bytes = randomBytes(200_000);
      const url = await at.tus.made(bytes.length);
      const wire = await openWire(url);
      wire.head('PATCH', CHUNKED);
      for (let from = 0; from < bytes.length; from += 50_000) chunk(wire, bytes.subarray(from, from + 50_000));
      wire.write('0\r\n\r\n');
      await wire.hear(/^HTTP\/1\.1 204 /);
      wire.cut();
      expect(bytes.equals(await contentOf(at, url))).toBe(true);
    },
  ],
  [
    'NEED',
    'one that goes past the length is refused, and nothing past it kept',
    async () => {
      const bytes = randomBytes(100_000);
      const url = await at.tus.made(bytes.length);
      const wire = await openWire(url);
      wire.head('PATCH', CHUNKED);
      for (const piece of [bytes.subarray(0, 60_000), bytes.subarray(60_000), bytes]) chunk(wire, piece);
      wire.write('0\r\n\r\n');
      await wire.hear(/^HTTP\/1\.1 413 /);
      wire.cut();
      const offset = await at.tus.offset(url);
      expect(offset).toBeLessThanOrEqual(bytes.length);
      if (offset < bytes.length) await at.tus.patch(url, offset, bytes.subarray(offset));
      expect(bytes.equals(await contentOf(at, url))).toBe(true);
    },
  ],
  [
    'SHOULD',
    'of a PATCH that breaks off what came is kept, and the upload goes on from there',
    async () => {
      const bytes = randomBytes(4_000_000);
      const url = await at.tus.made(bytes.length);
      const wire = await openWire(url);
      wire.head('PATCH', { ...BYTES, 'Upload-Offset': 0, 'Content-Length': bytes.length });
      if (!wire.write(bytes.subarray(0, 3_000_000))) await wire.drained();
      await new Promise((resolve) => setTimeout(resolve, 200));
      wire.cut();
      await arrived(url, 2_700_000);
      const offset = await at.tus.offset(url);
      expect(offset).toBeGreaterThanOrEqual(2_700_000);
      expect((await at.tus.patch(url, offset, bytes.subarray(offset))).status).toBe(204);
      expect(bytes.equals(await contentOf(at, url))).toBe(true);
    },
  ],
  [
    'NEED',
    'a half-open PATCH does not keep the next HEAD and PATCH waiting for long',
    async () => {
      const bytes = randomBytes(100_000);
      const url = await at.tus.made(bytes.length);
      const wire = await openWire(url);
      wire.head('PATCH', { ...BYTES, 'Upload-Offset': 0, 'Content-Length': bytes.length });
      wire.write(bytes.subarray(0, 50_000));
      await new Promise((resolve) => setTimeout(resolve, 100));
      const from = performance.now();
      await expectOffset(at, url, 50_000);
      expect((await at.tus.patch(url, 50_000, bytes.subarray(50_000))).status).toBe(204);
      expect(performance.now() - from).toBeLessThan(10_000);
      wire.cut();
      expect(bytes.equals(await contentOf(at, url))).toBe(true);
    },
  ],
  [
    'NEED',
    'Expect: 100-continue is answered with 100, then 204',
    async () => {
      const wire = await openWire(await at.tus.made(3));
      wire.head('PATCH', { ...BYTES, 'Upload-Offset': 0, 'Content-Length': 3, Expect: '100-continue' });
      await wire.hear(/^HTTP\/1\.1 100 /);
      wire.write('abc');
      await wire.hear(/HTTP\/1\.1 204 /);
      wire.cut();
    },
  ],
  [
    'NEED',
    'a PATCH that is refused is answered before its 64 MiB were sent',
    async () => {
      const length = 67_108_864;
      const wire = await openWire(await at.tus.made(length + 10));
      wire.head('PATCH', { ...BYTES, 'Upload-Offset': 7, 'Content-Length': length });
      const sent = await sendUntilAnswered(wire, length);
      await wire.hear(/^HTTP\/1\.1 409 /);
      wire.cut();
      expect(sent).toBeLessThan(length / 2);
    },
  ],
  [
    'NEED',
    'what is left of a refused body is not taken for the next request',
    async () => {
      const wire = await openWire(await at.tus.made(2_000_000));
      const body = Buffer.alloc(1_000_000, 'GET / HTTP/1.1\r\n\r\n');
      wire.head('PATCH', { ...BYTES, 'Upload-Offset': 7, 'Content-Length': body.length });
      wire.write(body);
      wire.head('HEAD', {});
      await wire.hear(/^HTTP\/1\.1 409 [^]*HTTP\/1\.1 200 [^]*Upload-Offset: 0\r\n/i);
      expect(wire.heard.match(/HTTP\/1\.1 /g)).toHaveLength(2);
      wire.cut();
    },
  ],
  [
    'NEED',
    'a PATCH that trickles in is put together',
    async () => {
      const bytes = randomBytes(40 * 1_000);
      const url = await at.tus.made(bytes.length);
      const wire = await openWire(url);
      wire.head('PATCH', { ...BYTES, 'Upload-Offset': 0, 'Content-Length': bytes.length });
      for (let from = 0; from < bytes.length; from += 1_000) {
        wire.write(bytes.subarray(from, from + 1_000));
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      await wire.hear(/^HTTP\/1\.1 204 /);
      wire.cut();
      expect(bytes.equals(await contentOf(at, url))).toBe(true);
    },
  ],
];

testRows(ROWS);
