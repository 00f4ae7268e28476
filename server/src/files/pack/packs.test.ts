import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packed, packOf } from '../testing/pack.ts';
import { Packs } from './packs.ts';

let folder: string;
let path: string;
const packs = new Packs();
const members = Array.from({ length: 3 }, () => packed(randomBytes(1000)));
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cambium-packs-'));
  path = join(folder, 'pack');
  await writeFile(path, packOf(members));
});
afterAll(async () => {
  packs.stop();
  await rm(folder, { recursive: true });
});

it('answers each job with its own, many at once', async () => {
  const wrong = join(folder, 'wrong');
  await writeFile(wrong, 'nonsense\n');
  const [first, refusal, second] = await Promise.allSettled([
    packs.unpack(path),
    packs.unpack(wrong),
    packs.unpack(path),
  ]);
  expect(refusal).toMatchObject({ reason: { error: { code: 'invalid_value', field: 'pack' } } });
  for (const unpacked of [first, second]) expect(unpacked).toMatchObject({ value: { verified: { length: 3 } } });
});

it('tells what the disk said by its code, and leaves no draft', async () => {
  const root = join(folder, 'root');
  await mkdir(join(root, 'incoming'), { recursive: true });
  const { verified } = await packs.unpack(path);
  // A file in the place of a folder: the second member finds no room for itself.
  const pieces = verified.map(({ digest: { sha256 }, at, size }) => ({ sha256, at, size }));
  await writeFile(join(root, String(pieces[1]?.sha256.slice(0, 2))), '');
  const failure = await packs.place(root, path, pieces).then(
    () => null,
    (error: unknown) => error as NodeJS.ErrnoException,
  );
  expect(failure?.code).toMatch(/^(ENOTDIR|EEXIST)$/);
  expect(await readdir(join(root, 'incoming'))).toEqual([]);
});

it('starts another thread when one has ended', async () => {
  packs.stop();
  await expect
    .poll(() =>
      packs.unpack(path).then(
        ({ verified }) => verified.length,
        () => 0,
      ),
    )
    .toBe(3);
});
