import type { Database } from 'better-sqlite3';
import { statement } from '../database/statement.ts';

/**
 * Bytes that count against a user's storage: every stored file once per content, every running upload with the bytes
 * it declared (or has sent, while the length is deferred), and parts that were not joined yet. An upload of bytes that
 * the user has already costs nothing. Named values: `@user` (pk), `@now` (ISO 8601).
 *
 * A plus sign keeps SQLite from an index: all of a user's files would be walked for each of them.
 */
export const USAGE = `
  SELECT coalesce(sum(size), 0) AS used FROM (
    SELECT max(file_size) AS size FROM file WHERE uploaded_by = @user AND uploaded = 1 GROUP BY sha256
    UNION ALL
    SELECT max(coalesce(f.file_size, u.length, u.offset)) FROM upload u JOIN file f ON f.id = u.file
      WHERE u.user = @user AND u.state IN ('reserved', 'receiving') AND +u.expires > @now AND f.uploaded = 0
        AND NOT EXISTS (SELECT 1 FROM file g WHERE g.checksum = f.checksum AND g.file_size = f.file_size
          AND f.checksum <> '' AND +g.uploaded_by = @user AND +g.uploaded = 1)
      GROUP BY CASE WHEN f.checksum = '' THEN f.id ELSE f.checksum || ':' || f.file_size END
    UNION ALL
    SELECT coalesce(length, offset) FROM upload
      WHERE user = @user AND file = '' AND state = 'receiving' AND +expires > @now)`;

/** Bytes used and reserved by the user, and the limit. The administrator has none. */
export interface Account {
  used: number;
  limit: number;
}

export function readAccount(tx: Database, user: number, now: string): Account {
  const owner = statement<[number], { storage_limit: number; admin: number }>(
    tx,
    'SELECT storage_limit, admin FROM user WHERE pk = ?',
  ).get(user);
  if (!owner) throw new Error(`there is no user with pk ${user}`);
  if (owner.admin === 1) return { used: 0, limit: Number.MAX_SAFE_INTEGER };
  const row = statement<[{ user: number; now: string }], { used: number }>(tx, USAGE).get({ user, now });
  return { used: row?.used ?? 0, limit: owner.storage_limit };
}
