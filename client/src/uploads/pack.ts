import { isJsonObject, newId } from '@cambium/protocol';

import type { UploadRow } from '../database/uploads.ts';
import type { FileApi } from './api.ts';
import type { UploadDeps } from './deps.ts';
import { failureOf, UploadFailure } from './failure.ts';
import { forget } from './intake.ts';
import type { Transfer } from './resumable.ts';
import { noteAccepted, transfer } from './send.ts';
import { whileWanted } from './watch.ts';

/** `filetype` of an upload that brings many files. */
const PACK_TYPE = 'application/vnd.cambium.pack';

/** Small files that go as one resumable upload. */
export interface Pack {
  /** In the order in which they lie in it. */
  rows: readonly UploadRow[];
  bytes: ReadonlyMap<string, ArrayBuffer>;
  /** Where it was begun; null: it was not. */
  url: string | null;
}

/** What became of the members that the server did not take. */
export type PackFailures = Map<UploadRow, UploadFailure>;

/** Sends what the server lacks of a pack, of which it verifies each member by itself. Returns those that it refused. */
export async function sendPack(
  deps: UploadDeps,
  api: FileApi,
  { rows, bytes, url }: Pack,
  chunk: number,
  signal: AbortSignal,
): Promise<PackFailures> {
  const ids = rows.map(({ id }) => id);
  const body = bodyOf(rows, bytes);
  const begun = url === null ? begin(deps) : { url };
  await deps.database.upload.where('id').anyOf(ids).modify({ state: 'sending', upload_url: begun.url });
  const answer = await whileWanted(signal, isIncomplete(deps, begun.url, ids), async (wanted, isInVain) => {
    try {
      return await transfer(
        deps,
        { ...begun, size: body.size, read: async (start, end) => body.slice(start, end) },
        chunk,
        wanted,
        () => undefined,
        (accepted) => noteAccepted(deps, ids, accepted),
      );
    } catch (error) {
      throw isInVain() ? new PackUnwanted() : error;
    }
  });
  const isClean = answer('Cambium-Pack-Refused') === '0';
  return await settleAll(deps, rows, isClean ? new Map() : await errorsOf(api, begun.url));
}

/** Somebody gave one of the files up while the pack was under way: the others are packed anew. */
export class PackUnwanted extends Error {
  constructor() {
    super('one of the files is not wanted any more');
    this.name = 'PackUnwanted';
  }
}

function isIncomplete({ database }: UploadDeps, url: string, ids: readonly string[]): () => Promise<boolean> {
  return async () => {
    const rows = await database.upload.bulkGet([...ids]);
    return rows.some((row) => row?.upload_url !== url);
  };
}

/** Named here and written down first: whatever becomes of the answer, the next try goes on with it. */
function begin({ server, world }: UploadDeps): Pick<Transfer, 'url' | 'create'> & { url: string } {
  const id = newId(world.clock.now(), world.random);
  const endpoint = `${server}/api/upload`;
  return { url: `${endpoint}/${id}`, create: { endpoint, metadata: { filetype: PACK_TYPE, id } } };
}

/** One line that names the members, and their bytes: the same for the same files, whenever it is made. */
function bodyOf(rows: readonly UploadRow[], bytes: ReadonlyMap<string, ArrayBuffer>): Blob {
  const members = rows.map(({ id, size, md5: checksum, sha256, name: filename, preset, duration }) => ({
    id,
    size,
    checksum,
    sha256,
    filename,
    preset,
    ...(duration !== null && { duration }),
  }));
  const bodies = rows.map(({ id, size }) => {
    const own = bytes.get(id);
    if (!own && size > 0) throw new Error(`the bytes of file ${id} are missing`);
    return own ?? new ArrayBuffer(0);
  });
  return new Blob([`${JSON.stringify({ members })}\n`, ...bodies]);
}

/** What the server says of the members that it refused. */
async function errorsOf(api: FileApi, url: string): Promise<Map<string, UploadFailure>> {
  const { members } = await api.packResults(url);
  const errors = new Map<string, UploadFailure>();
  for (const { id, status, error } of members) {
    if (status === 'stored') continue;
    const wrong = isJsonObject(error) && error['code'] === 'checksum_mismatch';
    const failure = failureOf(400, JSON.stringify({ error }));
    errors.set(id, wrong ? new UploadFailure('restart', failure.error) : failure);
  }
  return errors;
}

async function settleAll(
  deps: UploadDeps,
  rows: readonly UploadRow[],
  errors: ReadonlyMap<string, UploadFailure>,
): Promise<PackFailures> {
  const failures: PackFailures = new Map();
  const stored = rows.filter(({ id }) => !errors.has(id));
  await forget(
    deps,
    stored.map(({ id }) => id),
  );
  for (const upload of rows) {
    const error = errors.get(upload.id);
    if (!error) continue;
    failures.set(upload, error);
    // By itself from now on: it would be refused with the others again.
    await deps.database.upload.update(upload.id, { upload_url: null, accepted: 0 });
  }
  return failures;
}
