import type { Database } from 'better-sqlite3';
import { statement } from '../../database/statement.ts';
import type { Digest } from '../notes.ts';

/** In `blob.condemned` of bytes that are being deleted: nobody may refer to them any more. */
export const DELETING = 'deleting';

const IS_REFERENCED = `EXISTS(SELECT 1 FROM file WHERE file.sha256 = blob.sha256 AND file.uploaded = 1)`;

/**
 * The bytes lie in their final place: from here on the database answers for them. Returns their MD5, which may be known
 * from before; empty when it is not.
 */
export function keep(db: Database, { md5, sha256, size, now }: Digest & { size: number; now: string }): string {
  const kept = statement<[Digest & { size: number; now: string }], { md5: string }>(
    db,
    `INSERT INTO blob(sha256, md5, size, stored, condemned) VALUES(@sha256, @md5, @size, @now, NULL)
     ON CONFLICT(sha256) DO UPDATE SET condemned = NULL, md5 = CASE md5 WHEN '' THEN excluded.md5 ELSE md5 END
     RETURNING md5`,
  ).get({ sha256, md5, size, now });
  return kept?.md5 ?? md5;
}

/** Takes stored bytes for one more file: false when they are gone or going. */
export function claim(db: Database, sha256: string): boolean {
  const text = `UPDATE blob SET condemned = NULL WHERE sha256 = ? AND (condemned IS NULL OR condemned <> '${DELETING}')`;
  return statement(db, text).run(sha256).changes > 0;
}

/** Notes when bytes lost their last reference, and forgets it when they have one again. */
export function review(db: Database, input: { sha256s: string[]; now: string }): Record<string, never> {
  for (const sha256 of input.sha256s) {
    statement(
      db,
      `UPDATE blob SET condemned = CASE WHEN ${IS_REFERENCED} THEN NULL ELSE coalesce(condemned, ?) END
       WHERE sha256 = ? AND (condemned IS NULL OR condemned <> '${DELETING}')`,
    ).run(input.now, sha256);
  }
  return {};
}

/** Nobody may refer to the bytes from now on. False when somebody does, or they were not condemned before `before`. */
export function doom(db: Database, input: { sha256: string; before: string }): { doomed: boolean } {
  const { changes } = statement(
    db,
    `UPDATE blob SET condemned = '${DELETING}'
     WHERE sha256 = ? AND condemned IS NOT NULL AND (condemned < ? OR condemned = '${DELETING}') AND NOT ${IS_REFERENCED}`,
  ).run(input.sha256, input.before);
  return { doomed: changes > 0 };
}

/** The bytes are off the disk. */
export function forget(db: Database, input: { sha256: string }): Record<string, never> {
  const { changes } = statement(db, `DELETE FROM blob WHERE sha256 = ? AND condemned = '${DELETING}'`).run(
    input.sha256,
  );
  if (changes > 0) statement(db, 'DELETE FROM media WHERE sha256 = ?').run(input.sha256);
  return {};
}
