import type { Database } from 'better-sqlite3';
import { Refusal, type Id } from '@cambium/protocol';
import { statement } from '../../database/statement.ts';
import { readNotes } from '../notes.ts';
import { readAccount } from '../usage.ts';

interface UploadKey {
  user: number;
  length: number | null;
}

/** Bytes up to `offset` are durable now. Refuses with `quota_exceeded` when an upload of deferred length grew too far. */
export function advance(
  tx: Database,
  input: { id: Id; offset: number; expires: string; now: string },
): Record<string, never> {
  const found = statement<[{ id: Id; offset: number; expires: string }], UploadKey>(
    tx,
    `UPDATE upload SET offset = @offset, expires = @expires WHERE id = @id AND state = 'receiving' RETURNING user, length`,
  ).get({ id: input.id, offset: input.offset, expires: input.expires });
  if (!found) throw new Refusal('not_found');
  if (found.length === null) holdQuota(tx, found.user, input.now);
  return {};
}

/** The deferred length is known now. */
export function declareLength(tx: Database, input: { id: Id; length: number; now: string }): Record<string, never> {
  const found = statement<[{ id: Id; length: number }], UploadKey>(
    tx,
    `UPDATE upload SET length = @length WHERE id = @id AND length IS NULL AND offset <= @length
       AND NOT EXISTS (SELECT 1 FROM file WHERE file.id = upload.file AND file.file_size <> @length)
     RETURNING user, length`,
  ).get({ id: input.id, length: input.length });
  if (!found) throw new Refusal('invalid_value', { field: 'Upload-Length' });
  holdQuota(tx, found.user, input.now);
  return {};
}

/** The bytes were wrong: nothing of them counts. */
export function reset(tx: Database, input: { id: Id; expires: string }): Record<string, never> {
  statement(tx, `UPDATE upload SET offset = 0, expires = ? WHERE id = ? AND state = 'receiving'`).run(
    input.expires,
    input.id,
  );
  return {};
}

/**
 * Forgets an upload; with it the file row that it made, unless that hangs somewhere by now. With `expiredAt` only when
 * it is unfinished and expired by then. Says whether there was anything to forget.
 */
export function remove(tx: Database, input: { id: Id; expiredAt?: string }): { removed: boolean } {
  const row = statement<[Id], { file: string; metadata: string; state: string; expires: string }>(
    tx,
    'SELECT file, metadata, state, expires FROM upload WHERE id = ?',
  ).get(input.id);
  if (!row) return { removed: false };
  if (input.expiredAt !== undefined) {
    if (row.state === 'stored' || row.expires > input.expiredAt) return { removed: false };
  }
  statement(tx, 'DELETE FROM upload WHERE id = ?').run(input.id);
  if (readNotes(row.metadata).direct) {
    statement(
      tx,
      `DELETE FROM file WHERE id = ? AND channel IS NULL AND contentnode IS NULL AND assessment_item IS NULL
         AND NOT EXISTS (SELECT 1 FROM upload WHERE upload.file = file.id)`,
    ).run(row.file);
  }
  return { removed: true };
}

/** A file row that was announced, never sent and hangs nowhere: it goes when no upload of it lives. */
export function forgetFile(tx: Database, input: { id: Id; before: string; now: string }): { removed: boolean } {
  const { changes } = statement(
    tx,
    `DELETE FROM file WHERE id = @id AND uploaded = 0 AND channel IS NULL AND modified < @before
       AND NOT EXISTS (SELECT 1 FROM upload WHERE upload.file = file.id AND upload.expires > @now)`,
  ).run(input);
  return { removed: changes > 0 };
}

function holdQuota(tx: Database, user: number, now: string): void {
  const { used, limit } = readAccount(tx, user, now);
  if (used > limit) throw new Refusal('quota_exceeded', { details: { used, limit } });
}
