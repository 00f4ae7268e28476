import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { normalizeId, type Id } from '@cambium/protocol';
import { fileFromMetadata } from '../announced.ts';
import { LARGE, newHasher } from '../hasher.ts';
import { BLANK_NOTES, isAsAnnounced, readNotes } from '../notes.ts';
import { receive } from '../receive.ts';
import { findUpload, type UploadRecord } from '../records.ts';
import { currentCall } from './call.ts';
import { mismatch, TusError } from './error.ts';
import { isCompletePart, isWrongType, type StoreDeps } from './store.ts';

/** Parts of one whole: more than any client makes, few enough to be looked up at once. */
const MAX_PARTS = 1_000;

export type Concat = { kind: 'partial' } | { kind: 'final'; parts: Id[] };

/** Upload-Concat, or null without one. Throws a 400 for anything that is neither a part nor a list of parts. */
export function readConcat(header: string | undefined): Concat | null {
  if (header === undefined) return null;
  if (header === 'partial') return { kind: 'partial' };
  const urls = /^final; ?(.+)$/.exec(header)?.[1]?.trim().split(/ +/) ?? [];
  const parts = urls.map((url) => normalizeId(/([^/?#]+)\/?$/.exec(url)?.[1]));
  if (parts.length === 0 || parts.length > MAX_PARTS) {
    throw new TusError(400, 'invalid_value', 'Upload-Concat must be partial, or final with the URLs of the parts.');
  }
  return { kind: 'final', parts: parts.map((part) => part ?? unknownPart()) };
}

/**
 * Joins finished parts, in the order listed, into a whole: verified, stored and answered for like any upload. Ours
 * because @tus/server refuses every Upload-Concat with 501. Returns the length.
 */
export async function joinParts({ files, disk, stock }: StoreDeps, id: Id, ids: Id[]): Promise<number> {
  const { user, metadata, concat } = currentCall();
  const parts: UploadRecord[] = [];
  for (const each of ids) {
    const part = await findUpload(files.readDb, each);
    if (!part || part.user !== user.pk) return unknownPart();
    if (!isCompletePart(part)) throw new TusError(400, 'invalid_value', 'Only finished partial uploads can be joined.');
    parts.push(part);
  }
  const length = parts.reduce((sum, part) => sum + part.offset, 0);
  if (length > files.settings.maxFileSize) throw new TusError(413, 'too_large', 'The parts are too large together.');

  const file = fileFromMetadata(metadata?.values ?? new Map<string, null>(), id, length);
  const now = files.clock.now();
  const notes = {
    ...BLANK_NOTES,
    raw: metadata?.raw ?? null,
    concat,
    checksum: file.checksum || null,
    sha256: file.sha256,
  };
  const expires = new Date(now + files.settings.uploadExpiry * 1000).toISOString();
  const path = disk.incoming(id);
  await disk.create(id);
  try {
    const upload = { id, state: 'receiving' as const, length, notes, expires };
    const joins = [...new Set(ids)];
    await files.command('file.reserve', { user: user.pk, file, upload, joins, now: new Date(now).toISOString() });
  } catch (error) {
    await disk.remove(path);
    throw error;
  }

  const hasher = newHasher(length, notes.checksum);
  const target = await open(path, 'r+');
  try {
    const source = bytesOf(parts.map((part) => disk.incoming(part.id)));
    const { broken } = await receive(source, {
      file: target,
      large: length < LARGE ? null : path,
      offset: 0,
      hasher,
      clock: files.clock,
    });
    if (broken !== null) throw broken;
  } catch (error) {
    hasher.drop();
    throw error;
  } finally {
    await target.close();
  }
  const digest = await hasher.digest();
  const row = await findUpload(files.readDb, id);
  if (!row) throw new TusError(404, 'not_found', 'The upload was deleted.');
  const giveUp = async () => {
    await files.command('upload.remove', { id });
    await disk.remove(path);
  };
  if (!isAsAnnounced(digest, readNotes(row.metadata))) {
    await giveUp();
    throw mismatch('The joined bytes do not match the announced checksum; nothing was kept of the whole.');
  }
  try {
    await stock.store({ file: row.file, upload: id, path, size: length, digest });
  } catch (error) {
    if (isWrongType(error)) await giveUp();
    throw error;
  }
  return length;
}

async function* bytesOf(paths: string[]): AsyncGenerator<Buffer> {
  for (const path of paths) {
    for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) yield chunk as Buffer;
  }
}

function unknownPart(): never {
  throw new TusError(404, 'not_found', 'One of the partial uploads does not exist.');
}
