import type { Database } from 'better-sqlite3';
import { Refusal, type FileRow, type Id } from '@cambium/protocol';
import { statement } from '../../database/statement.ts';
import type { FileRecord } from '../../database/record.ts';
import { readNotes, type UploadNotes, type UploadState } from '../notes.ts';
import { readAccount, type Account } from '../usage.ts';

/** What a new file row says of itself. `checksum` is empty when nothing was declared. */
export type NewFile = Pick<
  FileRow,
  | 'id'
  | 'checksum'
  | 'sha256'
  | 'file_size'
  | 'file_format'
  | 'preset'
  | 'language'
  | 'original_filename'
  | 'duration'
  | 'mime_type'
>;

export interface NewUpload {
  id: Id;
  state: Extract<UploadState, 'reserved' | 'receiving'>;
  /** Bytes; null while the length is deferred. */
  length: number | null;
  notes: UploadNotes;
  /** ISO 8601. */
  expires: string;
}

export interface ReserveInput {
  /** pk */
  user: number;
  /** Null for a part, which is no file. */
  file: NewFile | null;
  upload: NewUpload;
  /** Parts whose bytes become this upload: it holds their reservations from now on. */
  joins?: Id[];
  now: string;
}

/**
 * Makes the file row unless it exists, and its upload, and with it the reservation of storage: all in one
 * transaction of the only writer, so that parallel requests cannot overrun the quota together.
 *
 * Refuses with `already_exists` (the id names something else, or other bytes) and `quota_exceeded`.
 */
export function reserve(tx: Database, input: ReserveInput): { created: boolean } {
  const { user, file, upload, now } = input;
  for (const part of input.joins ?? []) {
    statement(tx, `UPDATE upload SET state = 'joined' WHERE id = ? AND user = ? AND state = 'receiving'`).run(
      part,
      user,
    );
  }
  const found = file === null ? null : findFile(tx, file, user);
  const created = file !== null && found === null;
  if (file !== null && found === null) makeFile(tx, file, user, now);
  statement(
    tx,
    `INSERT INTO upload(id, user, file, state, offset, length, metadata, expires, created)
     VALUES(@id, @user, @file, @state, 0, @length, @metadata, @expires, @now)
     ON CONFLICT(id) DO UPDATE SET state = excluded.state, metadata = excluded.metadata, expires = excluded.expires
     WHERE upload.file = excluded.file AND upload.state = 'reserved'`,
  ).run({
    id: upload.id,
    user,
    file: file?.id ?? '',
    state: upload.state,
    length: upload.length,
    metadata: JSON.stringify({
      ...upload.notes,
      checksum: upload.notes.checksum ?? (found?.checksum || null),
      sha256: upload.notes.sha256 ?? found?.sha256 ?? (file === null ? null : announcedSha256(tx, file.id)),
      direct: created && upload.state === 'receiving',
    }),
    expires: upload.expires,
    now,
  });
  const { used, limit } = readAccount(tx, user, now);
  const isFull = upload.length === null ? used >= limit : used > limit;
  if (isFull) holdQuota(tx, upload, user, now, { used, limit });
  return { created };
}

/** Refuses what costs anything when there is nothing left; bytes that the user has already cost nothing. */
function holdQuota(tx: Database, upload: NewUpload, user: number, now: string, after: Account): void {
  tx.exec('SAVEPOINT without');
  statement(tx, 'DELETE FROM upload WHERE id = ?').run(upload.id);
  const { used, limit } = readAccount(tx, user, now);
  tx.exec('ROLLBACK TO without; RELEASE without');
  if (after.used > used || upload.length === null) throw new Refusal('quota_exceeded', { details: { used, limit } });
}

/** The row that has this id, if it is the user's and stands for the same bytes. */
function findFile(tx: Database, file: NewFile, user: number): FileRecord | null {
  const found = statement<[string], FileRecord>(tx, 'SELECT * FROM file WHERE id = ?').get(file.id);
  const isOther = found ? found.uploaded_by !== user || !isSameContent(found, file) : isTaken(tx, file.id);
  if (isOther) throw new Refusal('already_exists', { field: 'id' });
  return found ?? null;
}

/**
 * Makes the row of a file whose bytes are stored already. It hangs nowhere yet, so no log has to hear of it. False when
 * there is a row with that id; refuses with `already_exists` when the id names something else.
 */
export function makeStored(
  tx: Database,
  { file, user, url, now }: { file: NewFile; user: number; url: string; now: string },
): boolean {
  if (statement<[Id], unknown>(tx, 'SELECT 1 FROM file WHERE id = ?').get(file.id) !== undefined) return false;
  if (isTaken(tx, file.id)) throw new Refusal('already_exists', { field: 'id' });
  makeFile(tx, file, user, now, url);
  return true;
}

function makeFile(tx: Database, file: NewFile, user: number, now: string, url: string | null = null): void {
  statement(
    tx,
    `INSERT INTO file(id, channel, contentnode, assessment_item, checksum, sha256, file_size, file_format, preset,
       language, original_filename, duration, uploaded_by, uploaded, mime_type, url, modified, rev)
     VALUES(@id, NULL, NULL, NULL, @checksum, @sha256, @file_size, @file_format, @preset,
       @language, @original_filename, @duration, @user, @uploaded, @mime_type, @url, @now, 0)`,
  ).run({ ...file, user, now, url, uploaded: url === null ? 0 : 1 });
}

/**
 * A SHA-256 that was announced with an upload URL for a row that had none. The row itself stays as it is: a change of
 * it belongs into the log.
 */
function announcedSha256(tx: Database, file: Id): string | null {
  const row = statement<[Id], { metadata: string }>(
    tx,
    `SELECT metadata FROM upload WHERE file = ? AND state = 'reserved'`,
  ).get(file);
  return row ? readNotes(row.metadata).sha256 : null;
}

/** Undeclared says nothing; what both declared must be equal. */
function isSameContent(found: FileRecord, file: NewFile): boolean {
  const same = (a: unknown, b: unknown) => a === null || b === null || a === '' || b === '' || a === b;
  return (
    same(found.checksum, file.checksum) && same(found.sha256, file.sha256) && same(found.file_size, file.file_size)
  );
}

function isTaken(tx: Database, id: Id): boolean {
  const found = statement<[{ id: Id }], { found: number }>(
    tx,
    `SELECT EXISTS(SELECT 1 FROM node WHERE id = @id) OR EXISTS(SELECT 1 FROM channel WHERE id = @id)
       OR EXISTS(SELECT 1 FROM assessmentitem WHERE id = @id)
       OR EXISTS(SELECT 1 FROM app_row WHERE id = @id)
       OR EXISTS(SELECT 1 FROM tombstone WHERE id = @id AND table_name <> 'file') AS found`,
  ).get({ id });
  return found?.found === 1;
}
