import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, open, readFile, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Drain } from './drain.ts';
import { Hasher } from './hasher.ts';
import { receive } from './receive.ts';
import { md5, sha256 } from './testing/files.ts';
import { ThreadHasher } from './threads.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cambium-receive-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const clock = { now: () => Date.now() };

async function* piecesOf(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.byteLength; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** A file that begins with `before`, open for more. */
async function fileWith(name: string, before: Buffer): Promise<{ path: string; file: FileHandle }> {
  const path = join(folder, name);
  await writeFile(path, before);
  return { path, file: await open(path, 'r+') };
}

describe('receiving', () => {
  it.each([
    { offset: 0, sizes: [65_536] },
    { offset: 4_096, sizes: [1, 1_048_575, 70_000] },
    { offset: 12_345, sizes: [65_536, 3] },
    { offset: 1_048_575, sizes: [3_000_001] },
  ])('past the page cache keeps every byte: offset $offset, pieces of $sizes', async ({ offset, sizes }) => {
    const before = randomBytes(offset);
    const bytes = randomBytes(9_000_003);
    const { path, file } = await fileWith(`large-${offset}`, before);
    const [hasher, check] = [new ThreadHasher(), createHash('sha1')];
    const came = await receive(piecesOf(bytes, sizes), { file, large: path, offset, hasher, check, clock });
    await file.close();
    expect(came).toEqual({ offset: offset + bytes.byteLength, broken: null });
    expect((await readFile(path)).equals(Buffer.concat([before, bytes]))).toBe(true);
    expect(await hasher.digest()).toEqual({ md5: md5(bytes), sha256: sha256(bytes) });
    expect(check.digest('hex')).toBe(createHash('sha1').update(bytes).digest('hex'));
  });

  it('acknowledges only what lies in the file, and tells what broke the source', async () => {
    const bytes = randomBytes(40_000_000);
    const { path, file } = await fileWith('broken', Buffer.alloc(0));
    const acknowledged: number[] = [];
    const cut = new Error('the line is cut');
    async function* source(): AsyncGenerator<Buffer> {
      for await (const piece of piecesOf(bytes, [65_536])) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        yield piece;
      }
      throw cut;
    }
    const came = await receive(source(), {
      file,
      large: path,
      offset: 0,
      hasher: new Hasher(),
      clock,
      async checkpoint(offset) {
        expect((await readFile(path)).subarray(0, offset).equals(bytes.subarray(0, offset))).toBe(true);
        acknowledged.push(offset);
      },
    });
    await file.close();
    expect(came).toEqual({ offset: bytes.byteLength, broken: cut });
    expect(acknowledged.length).toBeGreaterThan(1);
    expect(acknowledged).toEqual(acknowledged.toSorted((a, b) => a - b));
    expect((await readFile(path)).equals(bytes)).toBe(true);
  });

  it('fails with the disk, and leaves no block behind', async () => {
    const { path, file } = await fileWith('read-only', Buffer.alloc(0));
    await file.close();
    // More often than there are blocks.
    for (let time = 0; time < 12; time += 1) {
      const unwritable = await open(path, 'r');
      const failing = receive(piecesOf(randomBytes(6_000_000), [65_536]), {
        file: unwritable,
        offset: 0,
        hasher: new Hasher(),
        clock,
      });
      await expect(failing).rejects.toThrow('EBADF');
      await unwritable.close();
    }
  });

  it('goes through the page cache where a file system takes direct writes back', async () => {
    const { path, file } = await fileWith('refused', Buffer.alloc(0));
    const refusal = Object.assign(new Error('invalid argument'), { code: 'EINVAL' });
    const direct = { write: () => Promise.reject(refusal) } as unknown as FileHandle;
    const drain = new Drain({ file, direct, hasher: null, check: null });
    const bytes = randomBytes(8192);
    await drain.put([bytes.subarray(0, 4096)], 0);
    await drain.put([bytes.subarray(4096)], 4096);
    await drain.settled();
    await file.close();
    expect((await readFile(path)).equals(bytes)).toBe(true);
  });
});
