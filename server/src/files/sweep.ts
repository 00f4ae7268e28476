import { readdir, stat } from 'node:fs/promises';
import { DELETING } from './commands/blob.ts';
import type { FilesDeps } from './deps.ts';
import { PUT_PREFIX, type Disk } from './disk.ts';
import { findUpload } from './records.ts';
import type { Stock } from './stock.ts';

/** Rows looked at in one go: the main thread answers requests in between. */
const PAGE = 500;
/** A file in `incoming/` that no row knows may belong to an upload that is just being made. */
const ORPHAN_MS = 3_600_000;

export interface Sweeping {
  files: FilesDeps;
  disk: Disk;
  stock: Stock;
}

/** What was not continued in time goes. Cut off anywhere, it is carried on by the next round. */
export async function sweepUnfinished(sweeping: Sweeping): Promise<void> {
  await sweepUploads(sweeping);
  await sweepAnnounced(sweeping);
}

/** What nothing refers to goes: it takes a look at every blob. */
export async function sweepStored(sweeping: Sweeping): Promise<void> {
  await sweepBlobs(sweeping);
  await sweepOrphans(sweeping);
}

/** Unfinished uploads that were not continued in time. */
async function sweepUploads({ files, disk, stock }: Sweeping): Promise<void> {
  const now = isoAt(files);
  const rows = await files.readDb
    .selectFrom('upload')
    .select('id')
    .where('state', 'in', ['reserved', 'receiving', 'joined'])
    .where('expires', '<=', now)
    .execute();
  for (const { id } of rows) {
    const { removed } = await files.command('upload.remove', { id, expiredAt: now });
    if (removed) await stock.discard(disk.incoming(id));
  }
}

/** File rows that were announced, never sent, and hang nowhere. */
async function sweepAnnounced({ files }: Sweeping): Promise<void> {
  const before = isoAt(files, -files.settings.uploadExpiry);
  const rows = await files.readDb
    .selectFrom('file')
    .select('id')
    .where('uploaded', '=', 0)
    .where('channel', 'is', null)
    .where('modified', '<', before)
    .execute();
  for (const { id } of rows) await files.command('file.forget', { id, before, now: isoAt(files) });
}

/** Bytes without a reference are condemned, and deleted when the period of grace is over. */
async function sweepBlobs({ files, stock }: Sweeping): Promise<void> {
  const before = isoAt(files, -files.settings.blobGrace);
  for (let after = ''; ;) {
    const page = await files.readDb
      .selectFrom('blob')
      .select([
        'sha256',
        'condemned',
        (eb) =>
          eb
            .exists(
              eb
                .selectFrom('file')
                .select('file.id')
                .whereRef('file.sha256', '=', 'blob.sha256')
                .where('file.uploaded', '=', 1),
            )
            .as('used'),
      ])
      .where('sha256', '>', after)
      .orderBy('sha256')
      .limit(PAGE)
      .execute();
    const last = page.at(-1);
    if (!last) return;
    after = last.sha256;
    const changed = page.filter(({ condemned, used }) => (condemned === null) === (Number(used) === 0));
    if (changed.length > 0) {
      await files.command('blob.review', { sha256s: changed.map(({ sha256 }) => sha256), now: isoAt(files) });
    }
    for (const { sha256, condemned } of page) {
      if (condemned !== null && (condemned < before || condemned === DELETING)) await stock.clear(sha256, before);
    }
  }
}

/** What lies in `incoming/` and belongs to no upload. */
async function sweepOrphans({ files, disk, stock }: Sweeping): Promise<void> {
  for (const name of await readdir(disk.incoming(''))) {
    const row = name.startsWith(PUT_PREFIX) ? undefined : await findUpload(files.readDb, name);
    if (row && row.state !== 'stored') continue;
    const path = disk.incoming(name);
    const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (found && Date.now() - found.mtimeMs > ORPHAN_MS) await stock.discard(path);
  }
}

function isoAt({ clock }: FilesDeps, seconds = 0): string {
  return new Date(clock.now() + seconds * 1000).toISOString();
}
