import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId, sha256, upload } from '../testing/files.ts';
import { startFiles, type FilesServer } from '../testing/server.ts';
import { metadataHeader, tusCaller } from '../testing/tus.ts';
import type { MediaFacts } from './facts.ts';
import { mp3, mp4, webm } from './testing/recordings.ts';

let server: FilesServer;
beforeAll(async () => {
  server = await startFiles();
  await server.user('ann');
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.stop();
});

const factsOf = (bytes: Buffer) => server.service.media.of(sha256(bytes), 20_000);
const FILM = { name: 'a.mp4', file_format: 'mp4', preset: 'high_res_video', duration: 12 };

const FILMS: [name: string, bytes: Buffer, more: object, facts: Partial<MediaFacts>][] = [
  ['an MP4', mp4({ width: 640, height: 360, seconds: 12 }), {}, { width: 640, height: 360, duration: 12 }],
  [
    'an MP4 that a telephone held upright',
    mp4({ width: 640, height: 360, seconds: 7, isTurned: true }),
    { duration: 7 },
    { width: 360, height: 640, duration: 7 },
  ],
  [
    'a WebM',
    webm({ width: 320, height: 240, seconds: 5 }),
    { name: 'a.webm', file_format: 'webm', duration: 5 },
    { width: 320, height: 240, duration: 5 },
  ],
];

it.each(FILMS)('%s tells its size and its length', async (_name, bytes, more, facts) => {
  const file = await upload(server, 'ann', bytes, { ...FILM, ...more });
  expect(file.uploaded).toBe(true);
  expect(await factsOf(bytes)).toEqual({ kind: 'video', thumbhash: null, ...facts });
});

it('an MP3 tells its length', async () => {
  const { bytes, seconds } = mp3(3);
  await upload(server, 'ann', bytes, { name: 'a.mp3', file_format: 'mp3', preset: 'audio', duration: 3 });
  const facts = await factsOf(bytes);
  expect(facts).toMatchObject({ kind: 'audio', width: null, height: null });
  expect(facts?.duration).toBeCloseTo(seconds, 1);
});

it('what was declared stays what the row says; what the bytes say is kept beside it', async () => {
  const bytes = mp4({ width: 160, height: 90, seconds: 61 });
  const file = await upload(server, 'ann', bytes, { ...FILM, duration: 60 });
  expect((await factsOf(bytes))?.duration).toBe(61);
  const [row] = (await (await server.as('ann', `/api/file?id=${file.id}`)).json()) as object[];
  expect(row).toMatchObject({ duration: 60 });
});

it('without a declared length nothing is made up, and the bytes are measured all the same', async () => {
  const tus = tusCaller(server, 'ann');
  const { bytes, seconds } = mp3(2);
  const id = newId();
  const headers = {
    'Upload-Metadata': metadataHeader({ id, filename: 'a.mp3' }),
    'Content-Type': 'application/offset+octet-stream',
  };
  expect((await tus.create(bytes.length, undefined, headers, bytes as BodyInit)).status).toBe(201);
  expect((await factsOf(bytes))?.duration).toBeCloseTo(seconds, 1);
  expect(await (await server.as('ann', `/api/file?id=${id}`)).json()).toMatchObject([{ duration: null }]);
});

it('a film that is cut off in the midst of its head is unreadable, and stored all the same', async () => {
  const whole = mp4({ width: 640, height: 360, seconds: 12 });
  const bytes = whole.subarray(0, whole.length - 200);
  const file = await upload(server, 'ann', bytes, FILM);
  expect((await fetch(String(file.url))).status).toBe(200);
  expect(await factsOf(bytes)).toMatchObject({ kind: 'unreadable', width: null, duration: null });
});
