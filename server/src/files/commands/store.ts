import type { Database } from 'better-sqlite3';
import { Refusal, type Id } from '@cambium/protocol';
import { statement } from '../../database/statement.ts';
import type { FileRecord } from '../../database/record.ts';
import type { CommitRequest, CommitResult, User, Write } from '../../writer/writer.ts';
import { assertApplied } from '../commit.ts';
import type { Digest } from '../notes.ts';
import { claim, keep } from './blob.ts';

export interface StoreInput extends Digest {
  size: number;
  /** The bytes lie in their final place already and nothing was sent: they are taken if they are still there. */
  known: boolean;
  /** The tus upload that brought them; null for any other way. */
  upload: Id | null;
  /** The file, then others that wait for the same bytes, each with its root-relative URL. */
  files: { id: Id; url: string }[];
  now: string;
}

interface Tools {
  db: Database;
  commit: (request: CommitRequest) => CommitResult;
}

/**
 * The file row says `uploaded` from now on, in the log too when it hangs somewhere, and the database answers for the
 * bytes: one transaction. `stored` is false when known bytes are gone.
 *
 * Refuses with `not_found` when the file's row is gone and with `already_exists` when other bytes came first.
 */
export function store({ db, commit }: Tools, input: StoreInput): { stored: boolean } {
  const { upload, files, known } = input;
  if (known && !claim(db, input.sha256)) return { stored: false };
  const md5 = known ? input.md5 : keep(db, input);
  for (const [index, file] of files.entries()) {
    const isOwn = index === 0;
    const row = findFile(db, file.id);
    if (!row && isOwn) throw new Refusal('not_found');
    if (!row || (row.uploaded === 1 && !isOwn)) continue;
    if (row.uploaded === 1 && row.sha256 !== input.sha256) throw new Refusal('already_exists');
    if (row.uploaded === 0) announce({ db, commit }, row, file.url, { ...input, md5 });
  }
  if (upload !== null) {
    const { sha256, size } = input;
    const state = `UPDATE upload SET state = 'stored', offset = @size, length = @size,
      metadata = json_set(metadata, '$.stored', @sha256) WHERE id = @upload`;
    statement(db, state).run({ size, sha256, upload });
  }
  // What was reserved for the file is used now.
  for (const { id } of files) statement(db, `DELETE FROM upload WHERE file = ? AND state = 'reserved'`).run(id);
  return { stored: true };
}

type Found = FileRecord & { channel_id: Id | null };

function findFile(db: Database, id: Id): Found | undefined {
  const text = `SELECT f.*, c.id AS channel_id FROM file f LEFT JOIN channel c ON c.pk = f.channel WHERE f.id = ?`;
  return statement<[Id], Found>(db, text).get(id);
}

function announce({ db, commit }: Tools, row: Found, url: string, { md5: checksum, sha256, size }: StoreInput): void {
  const { mime_type } = row;
  const mods = { uploaded: true, url, sha256, checksum, file_size: size, mime_type };
  const write = { type: 'UPDATED', table: 'file', key: row.id, channel_id: row.channel_id, mods } as unknown as Write;
  assertApplied(commit({ user: findUser(db, row.uploaded_by), authority: 'system', writes: [write] }));
}

/** Who answers for what is written about a file. */
export function findUser(db: Database, pk: number): User {
  const text = 'SELECT pk, id, username, admin FROM user WHERE pk = ?';
  const row = statement<[number], Omit<User, 'admin'> & { admin: number }>(db, text).get(pk);
  if (!row) throw new Error(`there is no user with pk ${pk}`);
  return { ...row, admin: row.admin === 1 };
}
