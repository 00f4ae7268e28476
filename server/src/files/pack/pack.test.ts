import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { announcement, code, newId, sha256, upload, uploadUrl } from '../testing/files.ts';
import { packed, packOf, type Packed } from '../testing/pack.ts';
import { startFiles, type FilesServer } from '../testing/server.ts';
import { idOf, tusCaller, type TusCaller } from '../testing/tus.ts';
import { PACK_TYPE } from './format.ts';

let server: FilesServer;
let tus: TusCaller;
beforeEach(async () => {
  server = await startFiles();
  await server.user('ann', 1_000_000);
  tus = tusCaller(server, 'ann');
});
afterEach(() => server.stop());

const METADATA = { filetype: PACK_TYPE };
const some = (count: number) => Array.from({ length: count }, (_, index) => packed(randomBytes(100 + index)));

async function send(members: readonly Packed[]): Promise<string> {
  const pack = packOf(members);
  const url = await tus.made(pack.byteLength, METADATA);
  const answer = await tus.patch(url, 0, pack as BodyInit);
  expect(answer.status).toBe(204);
  return url;
}

async function results(url: string): Promise<{ id: string; status: string; error?: { code: string } }[]> {
  return ((await (await tus.request('GET', url)).json()) as { members: [] }).members;
}

async function fileOf(id: string): Promise<{ uploaded: boolean; url: string | null } | undefined> {
  const answer = await server.as('ann', `/api/file?id=${id}`);
  return ((await answer.json()) as { uploaded: boolean; url: string | null }[])[0];
}

async function onDisk(): Promise<string[]> {
  const names = await readdir(server.storage, { recursive: true });
  return names.filter((name) => /[0-9a-f]{64}$/.test(name)).map((name) => name.slice(-64));
}

describe('a pack', () => {
  it('becomes its members, each of which is served', async () => {
    const members = some(30);
    const url = await send(members);
    expect(await tus.offset(url)).toBe(packOf(members).byteLength);
    expect(await results(url)).toEqual(members.map(({ id }) => ({ id, status: 'stored' })));
    for (const { id, bytes } of members) {
      const file = await fileOf(id);
      const served = await fetch(String(file?.url));
      expect(Buffer.from(await served.arrayBuffer()).equals(bytes)).toBe(true);
    }
    expect((await onDisk()).toSorted()).toEqual(members.map(({ bytes }) => sha256(bytes)).toSorted());
    // The pack goes when its members are durable without it.
    await server.service.sweep();
    expect(await readdir(join(server.storage, 'incoming'))).toEqual([]);
  });

  it('goes on where it was cut, after a crash too', async () => {
    const members = some(8);
    const pack = packOf(members);
    const url = await tus.made(pack.byteLength, METADATA);
    await tus.patch(url, 0, pack.subarray(0, 700) as BodyInit);
    await server.restart();
    expect(await tus.offset(url)).toBe(700);
    const last = await tus.patch(url, 700, pack.subarray(700) as BodyInit);
    expect([last.status, last.headers.get('Cambium-Pack-Refused')]).toEqual([204, '0']);
    expect((await results(url)).every(({ status }) => status === 'stored')).toBe(true);
  });

  it('may choose the id of its upload, once', async () => {
    const id = newId();
    const pack = packOf(some(2));
    const url = await tus.made(pack.byteLength, { ...METADATA, id });
    expect(idOf(url)).toBe(id);
    expect(await code(await tus.create(pack.byteLength, { ...METADATA, id }))).toBe('409 already_exists id');
    expect((await tus.patch(url, 0, pack as BodyInit)).status).toBe(204);
  });

  it('fills rows that exist, and copies that wait for the same bytes', async () => {
    const bytes = randomBytes(500);
    const { file } = await uploadUrl(server, 'ann', announcement(bytes));
    const other = await uploadUrl(server, 'ann', announcement(bytes));
    await send([packed(bytes, { id: file.id })]);
    expect(await fileOf(file.id)).toMatchObject({ uploaded: true });
    expect(await fileOf(other.file.id)).toMatchObject({ uploaded: true });
    expect(await onDisk()).toEqual([sha256(bytes)]);
  });
});

describe('a member', () => {
  it('that is wrong keeps no other from being stored, and nothing of it is kept', async () => {
    const good = some(2);
    const taken = await upload(server, 'ann', randomBytes(10));
    const html = Buffer.from('<!doctype html><p>');
    const wrong: [Packed, string][] = [
      [packed(randomBytes(50), { sha256: sha256(Buffer.from('x')) }), 'checksum_mismatch'],
      [packed(html, { filename: 'a.png', filetype: 'image/png' }), 'unsupported_type'],
      [packed(randomBytes(50), { id: taken.id }), 'already_exists'],
      [packed(randomBytes(50), { id: 'none' }), 'invalid_value'],
      [packed(randomBytes(50), { preset: 'nonsense' }), 'invalid_value'],
    ];
    const members = [good[0] as Packed, ...wrong.map(([member]) => member), good[1] as Packed];
    const url = await send(members);
    const became = new Map((await results(url)).map(({ id, status, error }) => [id, error?.code ?? status]));
    for (const [member, expected] of wrong) expect(became.get(member.id)).toBe(expected);
    for (const member of good) expect(became.get(member.id)).toBe('stored');
    const kept = [String(taken.sha256), ...good.map(({ bytes }) => sha256(bytes))];
    expect((await onDisk()).toSorted()).toEqual(kept.toSorted());
    expect(await fileOf(String(wrong[0]?.[0].id))).toBeUndefined();
    expect(server.errors).toEqual([]);
  });

  it('shares its bytes with an equal one', async () => {
    const bytes = randomBytes(64);
    const members = [packed(bytes), packed(bytes)];
    expect((await results(await send(members))).map(({ status }) => status)).toEqual(['stored', 'stored']);
    expect(await onDisk()).toEqual([sha256(bytes)]);
  });
});

describe('the quota', () => {
  it('is held from the creation on, used by what is stored, and free of the rest', async () => {
    const members = [packed(randomBytes(400_000)), packed(randomBytes(100_000), { sha256: '0'.repeat(64) })];
    const pack = packOf(members);
    const url = await tus.made(pack.byteLength, METADATA);
    expect((await tus.create(600_000)).status).toBe(412);
    await tus.patch(url, 0, pack as BodyInit);
    expect((await tus.create(600_000)).status).toBe(201);
    expect((await tus.create(1)).status).toBe(412);
  });
});

describe('a limit lowered meanwhile', () => {
  it('refuses the members beyond it, but none whose bytes the user has already', async () => {
    const known = randomBytes(50_000);
    await upload(server, 'ann', known);
    const members = [packed(randomBytes(60_000)), packed(randomBytes(60_000)), packed(known)];
    const pack = packOf(members);
    const url = await tus.made(pack.byteLength, METADATA);
    server.connection.raw.prepare(`UPDATE user SET storage_limit = 115000 WHERE username = 'ann'`).run();
    expect((await tus.patch(url, 0, pack as BodyInit)).headers.get('Cambium-Pack-Refused')).toBe('1');
    expect((await results(url)).map(({ status, error }) => error?.code ?? status)).toEqual([
      'stored',
      'quota_exceeded',
      'stored',
    ]);
  });
});

describe('what is no pack', () => {
  it.each([
    ['no line', Buffer.alloc(50, 65)],
    ['no JSON', Buffer.from('nonsense\n')],
    ['no members', Buffer.from('{}\n')],
    ['a negative size', Buffer.from(`{"members":[{"id":"${newId()}","size":-1}]}\n`)],
    ['too few bytes', packOf(some(2)).subarray(0, -1)],
    ['too many bytes', Buffer.concat([packOf(some(2)), Buffer.from('x')])],
    ['one id twice', packOf([packed(randomBytes(3), { id: 'a' }), packed(randomBytes(3), { id: 'a' })])],
  ])('with %s is back at its start', async (_, bytes) => {
    const url = await tus.made(bytes.byteLength, METADATA);
    expect(await code(await tus.patch(url, 0, bytes as BodyInit))).toBe('400 invalid_value pack');
    expect(await tus.offset(url)).toBe(0);
    expect(await onDisk()).toEqual([]);
  });

  it('is refused at once when it is too large or of no known length', async () => {
    expect((await tus.create(16_777_217, METADATA)).status).toBe(413);
    expect((await tus.create(null, METADATA)).status).toBe(400);
  });
});

it('tells which files need not be sent, and only to those who may view them', async () => {
  const bytes = randomBytes(99);
  await upload(server, 'ann', bytes);
  await server.user('eve');
  const [known, unknown] = [newId(), newId()];
  const files = [announcement(bytes, { id: known }), announcement(randomBytes(5), { id: unknown })];
  const ask = async (user: string) => {
    const headers = { 'Content-Type': 'application/json' };
    const answer = await server.as(user, '/api/file/known', {
      method: 'POST',
      headers,
      body: JSON.stringify({ files }),
    });
    return (await answer.json()) as { known: string[] };
  };
  expect(await ask('eve')).toEqual({ known: [] });
  expect(await ask('ann')).toEqual({ known: [known] });
  expect(await fileOf(known)).toMatchObject({ uploaded: true });
  expect(await fileOf(unknown)).toBeUndefined();
});
