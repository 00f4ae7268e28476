import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import { openDisk, sizeOf } from './disk.ts';
import { Hasher, hashFile } from './hasher.ts';

/**
 * Compares the files of the database with the bytes on disk, each blob read once. Gives a sentence for every file that
 * claims to be uploaded without a blob, and for every blob that is missing, or has another size or hash.
 */
export async function checkBlobs(db: Kysely<Schema>, storage: string): Promise<string[]> {
  const disk = await openDisk(storage);
  const violations: string[] = [];
  const lost = await db
    .selectFrom('file')
    .leftJoin('blob', 'blob.sha256', 'file.sha256')
    .select(['file.id', 'file.sha256'])
    .where('file.uploaded', '=', 1)
    .where((eb) =>
      eb.or([
        eb('blob.sha256', 'is', null),
        // Those of large bytes may be still to be made.
        eb.and([eb('file.checksum', '!=', ''), eb('blob.md5', '!=', eb.ref('file.checksum'))]),
        eb('blob.size', '!=', eb.ref('file.file_size')),
      ]),
    )
    .execute();
  for (const { id } of lost) violations.push(`file ${id} says uploaded, but no stored bytes are what it names`);

  const blobs = await db.selectFrom('blob').selectAll().orderBy('sha256').execute();
  for (const blob of blobs) {
    if (blob.condemned === 'deleting') continue;
    const path = disk.blob(blob.sha256);
    const size = await sizeOf(path);
    if (size === null) violations.push(`blob ${blob.sha256} is missing`);
    else if (size !== blob.size) violations.push(`blob ${blob.sha256} has ${size} bytes instead of ${blob.size}`);
    else {
      const { md5, sha256 } = (await hashFile(path, new Hasher())).digest();
      if (sha256 !== blob.sha256 || (blob.md5 !== '' && md5 !== blob.md5))
        violations.push(`blob ${blob.sha256} has other bytes`);
    }
  }
  return violations;
}
