/**
 * Is every upload that was acknowledged there after a power cut, and every file of every pack? Uploads run on a disk of
 * their own; in the midst of them the disk is copied as it is, and a second server is started on the copy. Needs root
 * (loop devices).
 *
 *   npx tsx --conditions=source test/crash/power-cut.ts [uploads=20] [MiB=5] [packs=20] [files=30]
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { mountDisk } from './mount.ts';
import { startKillable } from './process.ts';
import { create, isMemberStored, isStored, packOf, patch, sha256 } from './tus.ts';

const COUNT = Number(process.argv[2] ?? 20);
const SIZE = Number(process.argv[3] ?? 5) * 1_048_576;
const PACKS = Number(process.argv[4] ?? 20);
const FILES = Number(process.argv[5] ?? 30);
const SMALL = 20_000;

const disk = mountDisk(
  COUNT * 2 * Math.ceil(SIZE / 1_048_576) + PACKS * 6 * Math.ceil((FILES * SMALL) / 1_048_576) + 200,
);
const server = await startKillable({ DATA_DIR: join(disk.folder, 'data') });
const acknowledged: { url: string; bytes: Buffer }[] = [];
let isCut = false;
const work = async () => {
  while (!isCut && acknowledged.length < COUNT) {
    const bytes = randomBytes(SIZE);
    const url = await create(server, SIZE, { sha256: sha256(bytes) });
    if ((await patch(url, bytes)) === 204) acknowledged.push({ url, bytes });
  }
};
const packed: Buffer[][] = [];
const pack = async () => {
  while (!isCut && packed.length < PACKS) {
    const files = Array.from({ length: FILES }, () => randomBytes(SMALL));
    const bytes = packOf(files);
    const url = await create(server, bytes.byteLength, { filetype: 'application/vnd.cambium.pack' });
    if ((await patch(url, bytes)) === 204) packed.push(files);
  }
};
const workers = [work(), work(), work(), pack(), pack()];
while (acknowledged.length < COUNT || packed.length < PACKS) await new Promise((resolve) => setTimeout(resolve, 5));
const known = [...acknowledged];
const members = packed.flat();
server.freeze();
// What it had under way with the disk comes to its end.
await new Promise((resolve) => setTimeout(resolve, 100));
const after = disk.snapshot();
isCut = true;
server.thaw();
await Promise.all(workers);
await server.remove();

const revived = await startKillable({ DATA_DIR: join(after.folder, 'data') });
let whole = 0;
for (const { url, bytes } of known) if (await isStored(revived, url, bytes)) whole += 1;
let wholeMembers = 0;
for (const bytes of members) if (await isMemberStored(revived, bytes)) wholeMembers += 1;
await revived.remove();
const check = new Sqlite(join(after.folder, 'data', 'cambium.db'));
const integrity = check.pragma('integrity_check', { simple: true });
check.close();
after.remove();
disk.remove();
console.log(
  `after the cut ${whole} of ${known.length} acknowledged uploads are intact, and ${wholeMembers} of ${members.length} files of acknowledged packs; database: ${String(integrity)}`,
);
const isWhole = whole === known.length && wholeMembers === members.length;
process.exitCode = isWhole && integrity === 'ok' ? 0 : 1;
