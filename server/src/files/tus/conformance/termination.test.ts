import { expect } from 'vitest';
import { BYTES, finished, onServer, testRows, type Row } from './testing/rows.ts';
import { openWire } from './testing/wire.ts';

const at = onServer();
const end = (url: string) => at.tus.request('DELETE', url);

/** The URL of an upload that was ended. */
async function ended(): Promise<string> {
  const url = await at.tus.made(3);
  await at.tus.patch(url, 0, 'a');
  expect((await end(url)).status).toBe(204);
  return url;
}

const ROWS: Row[] = [
  [
    'MUST',
    'DELETE of an unfinished upload is 204',
    async () => expect((await end(await at.tus.made(3))).status).toBe(204),
  ],
  ['SHOULD', 'then HEAD is 404', async () => expect((await at.tus.head(await ended())).status).toBe(404)],
  ['SHOULD', 'then PATCH is 404', async () => expect((await at.tus.patch(await ended(), 1, 'bc')).status).toBe(404)],
  ['SHOULD', 'then DELETE is 404', async () => expect((await end(await ended())).status).toBe(404)],
  [
    'SHOULD',
    'DELETE of what is unknown is 404',
    async () => expect((await end(`${at.server.url}/api/upload/${'0'.repeat(32)}`)).status).toBe(404),
  ],
  [
    'MUST',
    'DELETE of a finished upload is 204, and its bytes are gone',
    async () => {
      const url = await finished(at, 'abc');
      expect((await end(url)).status).toBe(204);
      expect((await at.tus.request('GET', url)).status).toBe(404);
    },
  ],
  [
    'NEED',
    'DELETE in the midst of a PATCH: both come to an end soon, and nothing is left',
    async () => {
      const url = await at.tus.made(100_000);
      const wire = await openWire(url);
      wire.head('PATCH', { ...BYTES, 'Upload-Offset': 0, 'Content-Length': 100_000 });
      wire.write(Buffer.alloc(50_000));
      await new Promise((resolve) => setTimeout(resolve, 100));
      const from = performance.now();
      expect((await end(url)).status).toBe(204);
      await wire.hear(/^HTTP\/1\.1 \d\d\d /);
      expect(performance.now() - from).toBeLessThan(10_000);
      wire.cut();
      expect((await at.tus.head(url)).status).toBe(404);
    },
  ],
];

testRows(ROWS);
