import { open, readdir } from 'node:fs/promises';
import { Refusal } from '@cambium/protocol';
import { DELETING } from '../commands/blob.ts';
import type { FilesDeps } from '../deps.ts';
import { PUT_PREFIX, sizeOf, type Disk } from '../disk.ts';
import { Hasher, hashFile } from '../hasher.ts';
import { findUpload } from '../records.ts';
import { MAX_PACK } from './format.ts';
import type { Packs } from './packs.ts';
import { settleMembers } from './settle.ts';
import type { Unpacked } from './unpack.ts';

/**
 * After a crash: members that the database answers for and that are not in their places, as they were durable in their
 * pack alone, are placed again and made durable. For the start, before anything is served.
 */
export async function redoPacks(files: FilesDeps, disk: Disk, packs: Packs): Promise<void> {
  for (const name of await readdir(disk.incoming(''))) {
    if (name.startsWith(PUT_PREFIX)) continue;
    const path = disk.incoming(name);
    const unpacked = await readIfPack(packs, path);
    if (unpacked) await redo(files, disk, packs, path, unpacked);
    const upload = unpacked && (await findUpload(files.readDb, name));
    if (upload?.state === 'stored') await disk.remove(path);
  }
}

async function redo({ readDb }: FilesDeps, disk: Disk, packs: Packs, path: string, unpacked: Unpacked): Promise<void> {
  const pieces = new Map(
    unpacked.verified.map(({ digest, at, size }) => [digest.sha256, { sha256: digest.sha256, at, size }]),
  );
  const rows = await readDb
    .selectFrom('blob')
    .select('sha256')
    .where('sha256', 'in', [...pieces.keys()])
    .where((eb) => eb.or([eb('condemned', 'is', null), eb('condemned', '<>', DELETING)]))
    .execute();
  const kept = new Set(rows.map(({ sha256 }) => sha256));
  const lost = [];
  for (const sha256 of kept) {
    const piece = pieces.get(sha256);
    if (piece && !(await isWhole(disk, piece))) lost.push(piece);
  }
  await packs.place(disk.root, path, lost);
  await settleMembers(disk, kept);
}

async function isWhole(disk: Disk, { sha256, size }: { sha256: string; size: number }): Promise<boolean> {
  const path = disk.blob(sha256);
  if ((await sizeOf(path)) !== size) return false;
  return (await hashFile(path, new Hasher())).digest().sha256 === sha256;
}

/** The members of the file if it is a whole pack, by what it holds; null otherwise. */
export async function readIfPack(packs: Packs, path: string): Promise<Unpacked | null> {
  const size = await sizeOf(path);
  if (size === null || size > MAX_PACK || !(await beginsLikePack(path))) return null;
  try {
    return await packs.unpack(path);
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

async function beginsLikePack(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(1), 0, 1, 0);
    return bytesRead === 1 && buffer.toString() === '{';
  } finally {
    await file.close();
  }
}
