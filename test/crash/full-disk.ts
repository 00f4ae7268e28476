/**
 * Fills the disk of the bytes: the answer must say that it may be tried again, nothing may be half-kept, what was
 * acknowledged must stay, and the upload must go on when there is room. Needs root (a small file system in memory).
 *
 *   npx tsx --conditions=source test/crash/full-disk.ts
 */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mountMemory } from './mount.ts';
import { startKillable } from './process.ts';
import { create, isStored, offsetOf, patch, sha256 } from './tus.ts';

const disk = mountMemory(48);
const server = await startKillable({ STORAGE_URL: join(disk.folder, 'storage') });
const failures: string[] = [];
const expect = (what: string, holds: boolean) => {
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}`);
  if (!holds) failures.push(what);
};

const small = randomBytes(2_000_000);
const kept = await create(server, small.length, { sha256: sha256(small) });
expect('a file fits', (await patch(kept, small)) === 204);
const filler = join(disk.folder, 'filler');
writeFileSync(filler, Buffer.alloc(20_000_000));

const large = randomBytes(40_000_000);
const url = await create(server, large.length, { sha256: sha256(large) });
expect('one that does not fit is answered with 503', (await patch(url, large)) === 503);
const offset = await offsetOf(url);
expect(`what was acknowledged is ${offset} bytes, less than all`, offset > 0 && offset < large.length);
expect('the first file is served', await isStored(server, kept, small));

rmSync(filler);
expect('with room it goes on from there', (await patch(url, large, offset)) === 204);
expect('and is whole', await isStored(server, url, large));
expect('the server is well', (await fetch(`${server.url}/health`)).status === 200);

await server.remove();
disk.remove();
process.exitCode = failures.length;
