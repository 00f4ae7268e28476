import { randomBytes } from 'node:crypto';
import { copyFile, link, readdir, rm, truncate, utimes, chmod } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkBlobs } from './check.ts';
import { openDisk, sizeOf, type Disk } from './disk.ts';
import { announcement, sha256, upload, uploadUrl } from './testing/files.ts';
import { startFiles, type FilesServer } from './testing/server.ts';
import { idOf, tusCaller } from './testing/tus.ts';

let server: FilesServer;
let disk: Disk;

beforeEach(async () => {
  server = await startFiles({ uploadExpiry: 3600, blobGrace: 10_000 });
  await server.user('ann');
  await server.user('bob');
  disk = await openDisk(server.storage);
});

afterEach(async () => {
  expect(server.errors).toEqual([]);
  await server.stop();
});

const remove = (user: string, id: string) => server.as(user, `/api/file/${id}`, { method: 'DELETE' });

describe('sweeping', () => {
  it('deletes bytes after their last reference and the grace, not before', async () => {
    const bytes = randomBytes(100);
    const path = disk.blob(sha256(bytes));
    const mine = await upload(server, 'ann', bytes);
    const other = await upload(server, 'bob', bytes);
    await remove('ann', mine.id);
    server.time.ahead = 20_000_000;
    await server.service.sweep();
    server.time.ahead = 40_000_000;
    await server.service.sweep();
    expect(await sizeOf(path)).toBe(100);

    await remove('bob', other.id);
    await server.service.sweep();
    expect(await sizeOf(path)).toBe(100);
    // They come back within the grace: its end means nothing to them any more.
    const again = await upload(server, 'bob', bytes);
    server.time.ahead = 60_000_000;
    await server.service.sweep();
    expect((await fetch(String(again.url))).status).toBe(200);

    await remove('bob', again.id);
    await server.service.sweep();
    server.time.ahead = 80_000_000;
    await server.service.sweep();
    expect(await sizeOf(path)).toBeNull();
    expect(await server.connection.db.selectFrom('blob').selectAll().execute()).toEqual([]);
    expect((await upload(server, 'bob', bytes)).uploaded).toBe(true);
    expect(await checkBlobs(server.connection.db, server.storage)).toEqual([]);
  });

  it('deletes unfinished uploads with their bytes and row', async () => {
    const tus = tusCaller(server, 'ann');
    const url = await tus.made(10);
    await tus.patch(url, 0, 'abc');
    const granted = await uploadUrl(server, 'ann', announcement(randomBytes(10)));
    server.time.ahead = 8_000_000;
    await server.service.sweep();
    expect(await readdir(disk.incoming(''))).toEqual([]);
    const ids = [idOf(url), granted.file.id];
    expect(await (await server.as('ann', `/api/file?id__in=${ids.join(',')}`)).json()).toEqual([]);
  });

  it('deletes what a crash left behind: bytes of no upload, and a place that no row knows', async () => {
    const bytes = randomBytes(50);
    await disk.create('put-something');
    const orphan = disk.incoming('0'.repeat(32));
    await disk.create('0'.repeat(32));
    await copyFile(disk.incoming('put-something'), orphan);
    await disk.place(orphan, sha256(Buffer.alloc(0)), 0);
    const kept = await upload(server, 'ann', bytes);
    await link(disk.blob(sha256(bytes)), disk.incoming('put-other'));
    const old = new Date(Date.now() - 7_200_000);
    for (const name of await readdir(disk.incoming(''))) await utimes(disk.incoming(name), old, old);
    await server.service.sweep();
    expect(await readdir(disk.incoming(''))).toEqual([]);
    expect(await sizeOf(disk.blob(sha256(Buffer.alloc(0))))).toBeNull();
    expect((await fetch(String(kept.url))).status).toBe(200);
  });
});

describe('checkBlobs', () => {
  it('finds bytes that are missing, cut or altered', async () => {
    expect(await checkBlobs(server.connection.db, server.storage)).toEqual([]);
    const files = [];
    for (let index = 0; index < 3; index += 1) files.push(await upload(server, 'ann', randomBytes(100)));
    expect(await checkBlobs(server.connection.db, server.storage)).toEqual([]);
    const [missing, cut, altered] = files.map(({ sha256: name }) => disk.blob(String(name))) as [
      string,
      string,
      string,
    ];
    for (const path of [cut, altered]) await chmod(path, 0o644);
    await rm(missing);
    await truncate(cut, 99);
    await truncate(altered, 50);
    await truncate(altered, 100);
    const found = await checkBlobs(server.connection.db, server.storage);
    expect(found.toSorted()).toEqual(
      [
        `blob ${String(files[0]?.sha256)} is missing`,
        `blob ${String(files[1]?.sha256)} has 99 bytes instead of 100`,
        `blob ${String(files[2]?.sha256)} has other bytes`,
      ].toSorted(),
    );
  });
});
