import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describe as describeFile } from './describe.ts';
import { examine } from './examine.ts';
import { readMp4 } from './mp4.ts';
import { box, film } from './testing/mp4.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cambium-film-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function pathOf(bytes: Uint8Array): Promise<string> {
  const path = join(folder, 'film.mp4');
  await writeFile(path, bytes);
  return path;
}

it('reads size, rates and codecs of a film', async () => {
  expect(await readMp4(await pathOf(film()))).toEqual({
    seconds: 2,
    video: { fourcc: 'avc1', width: 640, height: 360, isTurned: false, frameRate: 25, bitrate: 200_000 },
    audio: { fourcc: 'mp4a', channels: 2, sampleRate: 48_000, bitrate: 112_800 },
  });
});

it('measures a film as it is shown, with sound or without', async () => {
  const facts = { kind: 'video', duration: 2, thumbhash: null };
  expect(await examine(await pathOf(film()))).toEqual({ ...facts, width: 640, height: 360 });
  expect(await examine(await pathOf(film({ turned: true, sound: false })))).toEqual({
    ...facts,
    width: 360,
    height: 640,
  });
});

it('describes a film as getID3 does', async () => {
  const video = {
    dataformat: 'quicktime',
    resolution_x: 640,
    resolution_y: 360,
    fourcc: 'avc1',
    codec: 'H.264/MPEG-4 AVC',
    frame_rate: 25,
    bitrate: 200_000,
  };
  const silent = await describeFile(await pathOf(film({ sound: false })));
  expect(silent).toEqual({ mime_type: 'video/mp4', video });
  const { audio, ...rest } = await describeFile(await pathOf(film()));
  expect([rest, audio]).toEqual([
    silent,
    expect.objectContaining({ dataformat: 'mp4', channels: 2, sample_rate: 48_000, channelmode: 'stereo' }),
  ]);
});

it('gives up on a header of nothing but small boxes', async () => {
  const many = Buffer.concat(Array.from({ length: 300_000 }, () => box('free')));
  const began = performance.now();
  expect(await readMp4(await pathOf(box('moov', many)))).toEqual({ seconds: null, video: null, audio: null });
  expect(await readMp4(await pathOf(many))).toBeNull();
  expect(performance.now() - began).toBeLessThan(5_000);
});

it('never trips over a film that is cut off or damaged', async () => {
  const whole = film();
  for (let length = 0; length < whole.length; length += 7) {
    expect(await readMp4(await pathOf(whole.subarray(0, length))), `cut at ${length}`).toBeNull();
  }
  for (let at = 0; at < whole.length; at += 1) {
    const damaged = Buffer.from(whole);
    damaged[at] = 255 - (damaged[at] ?? 0);
    const found = await readMp4(await pathOf(damaged));
    for (const number of [found?.seconds, found?.video?.frameRate, found?.audio?.bitrate])
      expect(number ?? 0, `byte ${at}`).toBeGreaterThanOrEqual(0);
  }
});
