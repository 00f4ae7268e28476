import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { code, newId, sha256 } from '../testing/files.ts';
import { packed, packOf } from '../testing/pack.ts';
import { startFiles, type FilesServer } from '../testing/server.ts';
import { idOf, tusCaller, type TusCaller } from '../testing/tus.ts';

/** What a sender on a line that breaks needs beyond the protocol: to find its upload again, and to know that it is done. */
let server: FilesServer;
let tus: TusCaller;
beforeAll(async () => {
  server = await startFiles();
  await server.user('ann');
  await server.user('bob');
  tus = tusCaller(server, 'ann');
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.stop();
});

const BYTES = { 'Content-Type': 'application/offset+octet-stream' };
const digestOf = (bytes: Buffer) => `sha-256=:${Buffer.from(sha256(bytes), 'hex').toString('base64')}:`;

it('an upload has the id that its sender gives it, once', async () => {
  const id = newId();
  expect(idOf(await tus.made(3, { upload_id: id }))).toBe(id);
  expect(await code(await tus.create(3, { upload_id: id }))).toBe('409 already_exists id');
  expect(await code(await tusCaller(server, 'bob').create(3, { upload_id: id }))).toBe('409 already_exists id');
  expect(await code(await tus.create(3, { upload_id: 'x' }))).toBe('400 invalid_value');
  expect(await tus.offset(`${server.url}/api/upload/${id}`)).toBe(0);
});

it('the last answer says what was stored, and so does HEAD afterwards; no other does', async () => {
  const bytes = randomBytes(1000);
  const first = await tus.create(1000, undefined, BYTES, bytes.subarray(0, 400));
  const url = String(first.headers.get('Location'));
  expect(first.headers.get('Repr-Digest')).toBe(null);
  expect((await tus.head(url)).headers.get('Repr-Digest')).toBe(null);
  expect((await tus.patch(url, 400, bytes.subarray(400))).headers.get('Repr-Digest')).toBe(digestOf(bytes));
  expect((await tus.head(url)).headers.get('Repr-Digest')).toBe(digestOf(bytes));
  const whole = await tus.create(1000, undefined, BYTES, bytes);
  expect([whole.status, whole.headers.get('Repr-Digest')]).toEqual([201, digestOf(bytes)]);
});

it('HEAD of a pack that was taken apart says how many members were refused', async () => {
  const good = packed(Buffer.from('%PDF-1.7 a'));
  const bad = packed(Buffer.from('%PDF-1.7 b'), { sha256: '0'.repeat(64) });
  const pack = packOf([good, bad]);
  const metadata = { filetype: 'application/vnd.cambium.pack', id: newId() };
  const answer = await tus.create(pack.length, metadata, BYTES, pack as BodyInit);
  expect([answer.status, answer.headers.get('Cambium-Pack-Refused')]).toEqual([201, '1']);
  const head = await tus.head(String(answer.headers.get('Location')));
  expect([head.headers.get('Cambium-Pack-Refused'), head.headers.get('Repr-Digest')]).toEqual(['1', null]);
});
