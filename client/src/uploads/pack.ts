import { isJsonObject, newId, protocolError } from '@cambium/protocol';

import type { UploadRow, UploadTables } from '../database/uploads.ts';
import type { FileApi } from './api.ts';
import type { UploadDeps } from './deps.ts';
import { failureOf, UploadFailure } from './failure.ts';
import { forget } from './intake.ts';
import type { Transfer } from './resumable.ts';
import { noteAccepted, transfer } from './send.ts';
import { whileWanted } from './watch.ts';

/** Files up to this size travel together: each by itself would cost more in requests than in bytes. */
export const PACKED = 256 * 1024;
/** Bytes of all files of one pack together, and how many they may be. */
const PACK_BYTES = 8 * 1024 * 1024 - PACKED;
const PACK_FILES = 500;
/** `filetype` of an upload that brings many files. */
const PACK_TYPE = 'application/vnd.cambium.pack';
/** What failed so often goes by itself, so that it shows which of them is to blame. */
const TRIES = 3;

/** What became of the members that the server did not take. */
export type PackFailures = Map<UploadRow, UploadFailure>;

/**
 * The files that go together with the first one that is due: those of a pack that was begun, or small ones that were
 * not begun yet. Fewer than two are no pack. `due` is in the order in which they were queued.
 */
export function choosePack(due: readonly UploadRow[], open: readonly UploadRow[]): UploadRow[] {
  const [first] = due;
  if (!first || first.size > PACKED) return [];
  // What was announced must be sent as it was: the members of a begun pack stay together.
  if (first.upload_url !== null) return inOrder(open.filter(({ upload_url }) => upload_url === first.upload_url));
  const chosen: UploadRow[] = [];
  let bytes = 0;
  for (const upload of due) {
    if (upload.size > PACKED || upload.upload_url !== null || upload.attempts >= TRIES) continue;
    if (chosen.length === PACK_FILES) break;
    if (bytes + upload.size > PACK_BYTES) break;
    chosen.push(upload);
    bytes += upload.size;
  }
  return chosen.length > 1 ? inOrder(chosen) : [];
}

/**
 * One try to bring many small files to the server: those whose bytes it knows are not sent, the others go as one
 * resumable upload of which the server verifies each member by itself. Returns those that it refused.
 */
export async function sendPack(
  deps: UploadDeps,
  api: FileApi,
  pack: readonly UploadRow[],
  chunk: number,
  signal: AbortSignal,
): Promise<PackFailures> {
  const { database } = deps;
  const failures: PackFailures = new Map();
  const url = pack[0]?.upload_url ?? null;
  // Read while the server is asked: a far one takes as long to answer as a slow device to read.
  const [rows, bytes] = await Promise.all([
    url === null ? attached(deps, pack, failures).then((wanted) => lacking(deps, api, wanted)) : pack,
    readAll(deps.database, pack),
  ]);
  if (rows.length === 0) return failures;
  const ids = rows.map(({ id }) => id);
  const body = bodyOf(rows, bytes);
  const begun = url === null ? begin(deps) : { url };
  await database.upload.where('id').anyOf(ids).modify({ state: 'sending', upload_url: begun.url });
  const answer = await whileWanted(signal, isIncomplete(deps, begun.url, ids), async (wanted, isInVain) => {
    try {
      return await transfer(
        deps,
        { ...begun, size: body.size, read: async (start, end) => body.slice(start, end) },
        chunk,
        wanted,
        () => undefined,
        (accepted) => void noteAccepted(deps, ids, accepted),
      );
    } catch (error) {
      throw isInVain() ? new PackUnwanted() : error;
    }
  });
  const isClean = answer('Cambium-Pack-Refused') === '0';
  return await settleAll(deps, rows, isClean ? new Map() : await errorsOf(api, begun.url), failures);
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

/** Files whose row is gone are hopeless; the others. */
async function attached(deps: UploadDeps, pack: readonly UploadRow[], failures: PackFailures): Promise<UploadRow[]> {
  const rows = await deps.database.file.bulkGet(pack.map(({ id }) => id));
  const gone = protocolError('not_found', { message: 'What this file was attached to is gone.' });
  for (const [index, upload] of pack.entries()) {
    if (!rows[index]) failures.set(upload, new UploadFailure('refused', gone));
  }
  return pack.filter((upload) => !failures.has(upload));
}

/** Forgets what the server says it has; the others. */
async function lacking(deps: UploadDeps, api: FileApi, pack: readonly UploadRow[]): Promise<UploadRow[]> {
  const known = new Set(pack.length === 0 ? [] : await api.known(pack));
  await forget(deps, [...known]);
  return pack.filter(({ id }) => !known.has(id));
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

/** The bytes of files so small that each lies in one slice. */
async function readAll({ slice }: UploadTables, rows: readonly UploadRow[]): Promise<Map<string, ArrayBuffer>> {
  const found = await slice.bulkGet(rows.map(({ id }) => [id, 0] as [string, number]));
  return new Map(found.flatMap((one) => (one ? [[one.file, one.bytes] as const] : [])));
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
  failures: PackFailures,
): Promise<PackFailures> {
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

function inOrder(rows: readonly UploadRow[]): UploadRow[] {
  return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
