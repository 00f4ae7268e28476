import { randomBytes } from 'node:crypto';
import type { FileRow } from '@cambium/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkBlobs } from './check.ts';
import { announcement, md5, sha256, uploadUrl } from './testing/files.ts';
import { startFiles, type FilesServer } from './testing/server.ts';
import { idOf, tusCaller, type TusCaller } from './testing/tus.ts';
import { readAccount } from './usage.ts';

/** As many bytes as are large enough for their MD5 to be made later. */
const SIZE = 67_108_864;
const block = randomBytes(1_048_576);

let server: FilesServer;
let tus: TusCaller;
beforeAll(async () => {
  server = await startFiles();
  await server.user('ann', 2 ** 40);
  tus = tusCaller(server, 'ann');
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.stop();
});

/** Other bytes in each test. */
function large(): Buffer {
  return Buffer.concat([randomBytes(block.byteLength), ...Array.from({ length: 63 }, () => block)]);
}

async function row(id: string): Promise<FileRow | undefined> {
  const [file] = (await (await server.as('ann', `/api/file?id=${id}`)).json()) as FileRow[];
  return file;
}

async function send(bytes: Buffer, metadata: Record<string, string> = {}): Promise<string> {
  const url = await tus.made(SIZE, { filename: 'a.bin', ...metadata });
  const answer = await tus.patch(url, 0, bytes as BodyInit);
  expect(answer.status).toBe(204);
  return idOf(url);
}

const summed = (id: string) => expect.poll(async () => (await row(id))?.checksum, { timeout: 20_000 });

describe('the MD5 of large bytes', () => {
  it('is made after the answer when nobody announced one', async () => {
    const bytes = large();
    const id = await send(bytes);
    expect(await row(id)).toMatchObject({ uploaded: true, sha256: sha256(bytes), file_size: SIZE });
    expect(await checkBlobs(server.connection.db, server.storage)).toEqual([]);
    await summed(id).toBe(md5(bytes));
    const blob = server.connection.db.selectFrom('blob').select('md5').where('sha256', '=', sha256(bytes));
    expect(await blob.executeTakeFirst()).toEqual({ md5: md5(bytes) });
    // Once known it is known.
    expect((await row(await send(bytes)))?.checksum).toBe(md5(bytes));
    expect(await checkBlobs(server.connection.db, server.storage)).toEqual([]);
  });

  it('is verified before the answer when it was announced', async () => {
    const bytes = large();
    expect((await row(await send(bytes, { checksum: md5(bytes) })))?.checksum).toBe(md5(bytes));
    const url = await tus.made(SIZE, { checksum: md5(block) });
    expect((await tus.patch(url, 0, bytes as BodyInit)).status).toBe(460);
    expect(await tus.offset(url)).toBe(0);
  });

  it('is made after a restart when a crash came first', async () => {
    const bytes = large();
    const id = await send(bytes);
    await summed(id).toBe(md5(bytes));
    server.connection.raw.prepare(`UPDATE blob SET md5 = '' WHERE sha256 = ?`).run(sha256(bytes));
    server.connection.raw.prepare(`UPDATE file SET checksum = '' WHERE id = ?`).run(id);
    await server.restart();
    await summed(id).toBe(md5(bytes));
  });

  it('gives the bytes to a file that announced it and waits for them', async () => {
    const bytes = large();
    const announced = await uploadUrl(server, 'ann', announcement(bytes));
    expect(announced.might_skip).toBe(false);
    await summed(await send(bytes)).toBe(md5(bytes));
    await expect.poll(async () => (await row(announced.file.id))?.uploaded).toBe(true);
  });

  it('says nothing while it is not known: other bytes of that size count against the quota', async () => {
    const { pk } = await server.user('poor', 1_000_000);
    const poor = tusCaller(server, 'poor');
    const url = await poor.made(1000);
    await poor.patch(url, 0, randomBytes(1000) as BodyInit);
    server.connection.raw.prepare(`UPDATE file SET checksum = '' WHERE id = ?`).run(idOf(url));
    await poor.made(1000);
    expect(readAccount(server.connection.raw, pk, new Date().toISOString()).used).toBe(2000);
  });
});
