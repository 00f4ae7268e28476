import { protocolError } from '@cambium/protocol';

import type { UploadRow, UploadTables } from '../database/uploads.ts';
import type { FileApi } from './api.ts';
import type { UploadDeps } from './deps.ts';
import { asFailure, UploadFailure } from './failure.ts';
import { forget } from './intake.ts';
import { inLanes } from './lanes.ts';
import { type Pack, type PackFailures, PackUnwanted, sendPack } from './pack.ts';

/** Files up to this size travel together: each by itself would cost more in requests than in bytes. */
export const PACKED = 256 * 1024;
/** Bytes of all files that go at once, and how many they may be. */
const MOST_BYTES = 8 * 1024 * 1024 - PACKED;
const MOST_FILES = 500;
/** They go in so many packs, none of them for less than so many bytes. */
const PACKS = 4;
const LEAST_BYTES = 1024 * 1024;
/** Packs under way together: while the server puts one away, and its answer travels, the line carries the other. */
const LANES = 2;
/** What failed so often goes by itself, so that it shows which of them is to blame. */
const TRIES = 3;

/**
 * The files that go together with the first one that is due: those of packs that were begun, and small ones that were
 * not begun yet. Fewer than two are no pack. `due` is in the order in which they were queued.
 */
export function choosePacked(due: readonly UploadRow[], open: readonly UploadRow[]): UploadRow[] {
  const [first] = due;
  if (!first || first.size > PACKED) return [];
  const isBegun = ({ size, upload_url }: UploadRow) => size <= PACKED && upload_url !== null;
  const urls = new Set(due.filter(isBegun).map(({ upload_url }) => upload_url));
  // What was announced must be sent as it was: the members of a begun pack stay together.
  const begun = open.filter((row) => isBegun(row) && urls.has(row.upload_url));
  const chosen: UploadRow[] = [];
  let bytes = 0;
  for (const upload of due) {
    if (upload.size > PACKED || upload.upload_url !== null || upload.attempts >= TRIES) continue;
    if (chosen.length === MOST_FILES) break;
    if (bytes + upload.size > MOST_BYTES) break;
    chosen.push(upload);
    bytes += upload.size;
  }
  return begun.length > 0 || chosen.length > 1 ? inOrder([...begun, ...chosen]) : [];
}

/**
 * One try to bring many small files to the server: those whose bytes it knows are not sent, the others go in packs.
 * Returns those that did not arrive; what had no turn is not among them.
 */
export async function sendPacked(
  deps: UploadDeps,
  api: FileApi,
  chosen: readonly UploadRow[],
  chunk: number,
  signal: AbortSignal,
): Promise<PackFailures> {
  const failures: PackFailures = new Map();
  const fresh = chosen.filter(({ upload_url }) => upload_url === null);
  const asked = attached(deps, fresh, failures).then((rows) => lacking(deps, api, rows));
  // It is looked at when its turn comes, which may be never.
  asked.catch(() => undefined);
  // Read while the server is asked: a far one takes as long to answer as a slow device to read.
  const bytes = await readAll(deps.database, chosen);
  async function* packs(): AsyncGenerator<Pack> {
    for (const pack of begun(chosen)) yield { ...pack, bytes };
    for (const pack of divided(await asked)) yield { ...pack, bytes };
  }
  await inLanes(LANES, packs(), async (pack) => {
    try {
      for (const [row, failure] of await sendPack(deps, api, pack, chunk, signal)) failures.set(row, failure);
      return true;
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof PackUnwanted) return true;
      const failure = asFailure(error);
      // A pack is never refused for good: its members can still go one by one.
      const mild = failure.kind === 'refused' ? new UploadFailure('restart', failure.error) : failure;
      for (const row of pack.rows) failures.set(row, mild);
      return false;
    }
  });
  return failures;
}

/** Packs as they were begun. */
function begun(rows: readonly UploadRow[]): Omit<Pack, 'bytes'>[] {
  const packs = new Map<string, UploadRow[]>();
  for (const row of rows) {
    if (row.upload_url === null) continue;
    packs.set(row.upload_url, [...(packs.get(row.upload_url) ?? []), row]);
  }
  return [...packs].map(([url, members]) => ({ url, rows: members }));
}

/** New packs, the first of half the size: of two that begin together one ends before, and the line is never idle. */
function divided(rows: readonly UploadRow[]): Omit<Pack, 'bytes'>[] {
  const most = Math.max(LEAST_BYTES, rows.reduce((sum, { size }) => sum + size, 0) / PACKS);
  const packs: UploadRow[][] = [];
  let bytes = 0;
  for (const row of rows) {
    const last = packs.at(-1);
    if (!last || bytes >= (packs.length === 1 ? most / 2 : most)) {
      packs.push([row]);
      bytes = row.size;
    } else {
      last.push(row);
      bytes += row.size;
    }
  }
  return packs.map((members) => ({ url: null, rows: members }));
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

/** The bytes of files so small that each lies in one slice. */
async function readAll({ slice }: UploadTables, rows: readonly UploadRow[]): Promise<Map<string, ArrayBuffer>> {
  const found = await slice.bulkGet(rows.map(({ id }) => [id, 0] as [string, number]));
  return new Map(found.flatMap((one) => (one ? [[one.file, one.bytes] as const] : [])));
}

function inOrder(rows: readonly UploadRow[]): UploadRow[] {
  return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
