import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileRow } from '@cambium/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkBlobs } from '../check.ts';
import { openDisk, type Disk } from '../disk.ts';
import { announcement, put, sha256, uploadUrl } from '../testing/files.ts';
import { packed, packOf, type Packed } from '../testing/pack.ts';
import { startFiles, type FilesServer } from '../testing/server.ts';
import { tusCaller, type TusCaller } from '../testing/tus.ts';
import { PACK_TYPE } from './format.ts';

let server: FilesServer;
let tus: TusCaller;
let disk: Disk;
beforeEach(async () => {
  server = await startFiles({ uploadExpiry: 3600 });
  await server.user('ann');
  tus = tusCaller(server, 'ann');
  disk = await openDisk(server.storage);
});
afterEach(async () => {
  expect(server.errors).toEqual([]);
  await server.stop();
});

const some = (count: number) => Array.from({ length: count }, (_, index) => packed(randomBytes(5000 + index)));
const incoming = () => readdir(join(server.storage, 'incoming'));

async function send(members: readonly Packed[]): Promise<string> {
  const pack = packOf(members);
  const url = await tus.made(pack.byteLength, { filetype: PACK_TYPE });
  expect((await tus.patch(url, 0, pack as BodyInit)).status).toBe(204);
  return url;
}

async function served(id: string): Promise<Buffer> {
  const [file] = (await (await server.as('ann', `/api/file?id=${id}`)).json()) as FileRow[];
  const answer = await fetch(String(file?.url));
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}

/** What a power cut may do to bytes that were never made durable: gone, cut short, or zeros. */
async function lose(members: readonly Packed[]): Promise<void> {
  for (const [index, { bytes }] of members.entries()) {
    const path = disk.blob(sha256(bytes));
    await rm(path);
    if (index % 3 > 0) await writeFile(path, Buffer.alloc(index % 3 === 1 ? 100 : bytes.byteLength));
  }
}

describe('after a power cut', () => {
  it('every member of an acknowledged pack is there, though its own bytes were not durable yet', async () => {
    const members = some(9);
    await send(members);
    await lose(members);
    await server.restart();
    for (const { id, bytes } of members) expect((await served(id)).equals(bytes)).toBe(true);
    expect(await checkBlobs(server.connection.db, server.storage)).toEqual([]);
    expect(await incoming()).toEqual([]);
  });

  it('nothing comes back that was refused or deleted', async () => {
    const members = [...some(2), packed(randomBytes(50), { preset: 'nonsense' })];
    const url = await send(members);
    await lose(members.slice(0, 2));
    server.connection.raw.prepare('DELETE FROM blob WHERE sha256 = ?').run(sha256(members[1]?.bytes ?? Buffer.of()));
    await rm(disk.blob(sha256(members[1]?.bytes ?? Buffer.of())), { force: true });
    await server.restart();
    const places = await Promise.all(
      members.map(({ bytes }) =>
        stat(disk.blob(sha256(bytes))).then(
          () => 'there',
          () => 'gone',
        ),
      ),
    );
    expect(places).toEqual(['there', 'gone', 'gone']);
    expect((await tus.request('DELETE', url)).status).toBe(204);
  });

  it('bytes that no row answers for are not believed by whoever brings the same', async () => {
    const bytes = randomBytes(5000);
    const path = disk.blob(sha256(bytes));
    await mkdir(disk.folder(sha256(bytes)), { recursive: true });
    await writeFile(path, Buffer.alloc(bytes.byteLength));
    const granted = await uploadUrl(server, 'ann', announcement(bytes));
    expect((await put(granted, bytes)).status).toBe(200);
    expect((await served(granted.file.id)).equals(bytes)).toBe(true);
  });
});

describe('the pack', () => {
  it('stays until its members are durable without it, however early it is deleted', async () => {
    const members = some(3);
    const url = await send(members);
    expect(await incoming()).toHaveLength(1);
    expect((await tus.request('DELETE', url)).status).toBe(204);
    expect(await incoming()).toEqual([]);
    for (const { id, bytes } of members) expect((await served(id)).equals(bytes)).toBe(true);
  });

  it('takes what it had placed with it when it was never acknowledged', async () => {
    const members = some(3);
    const pack = packOf(members);
    const url = await tus.made(pack.byteLength, { filetype: PACK_TYPE });
    await tus.patch(url, 0, pack.subarray(0, 100) as BodyInit);
    // As a crash leaves it between the placing and the transaction.
    await writeFile(disk.incoming(url.slice(-32)), pack);
    const [first] = members;
    if (!first) throw new Error('no member');
    const place = disk.blob(sha256(first.bytes));
    await server.restart();
    await mkdir(disk.folder(sha256(first.bytes)), { recursive: true });
    await writeFile(place, first.bytes);
    server.time.ahead = 4_000_000;
    await server.service.sweep();
    await expect(stat(place)).rejects.toThrow('ENOENT');
    expect(await incoming()).toEqual([]);
  });
});
