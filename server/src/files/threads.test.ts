import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { md5, sha256 } from './testing/files.ts';
import { ThreadHasher } from './threads.ts';

it('hashes as one thread would, many streams at once, whatever the sizes of their chunks', async () => {
  const streams = Array.from({ length: 6 }, (_, index) => randomBytes(4_000_000 + index * 333_333));
  await Promise.all(
    streams.map(async (bytes, index) => {
      const hasher = new ThreadHasher();
      const step = 65_536 + index * 77_777;
      for (let at = 0; at < bytes.byteLength; at += step) {
        await hasher.update(bytes.subarray(at, at + step));
      }
      expect(hasher.position).toBe(bytes.byteLength);
      expect(await hasher.digest()).toEqual({ md5: md5(bytes), sha256: sha256(bytes) });
    }),
  );
});

it('goes on after one that was dropped', async () => {
  const dropped = new ThreadHasher();
  await dropped.update(randomBytes(2_000_000));
  dropped.drop();
  const empty = new ThreadHasher();
  expect(await empty.digest()).toEqual({ md5: md5(Buffer.alloc(0)), sha256: sha256(Buffer.alloc(0)) });
});
