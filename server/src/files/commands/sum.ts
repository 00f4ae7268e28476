import type { Database } from 'better-sqlite3';
import type { Id } from '@cambium/protocol';
import { statement } from '../../database/statement.ts';
import type { FileRecord } from '../../database/record.ts';
import type { CommitRequest, CommitResult, Write } from '../../writer/writer.ts';
import { assertApplied } from '../commit.ts';
import { findUser } from './store.ts';

interface Tools {
  db: Database;
  commit: (request: CommitRequest) => CommitResult;
}

export interface SumInput {
  sha256: string;
  md5: string;
}

/**
 * The MD5 of stored bytes is known: the blob has it from now on, and every file with these bytes that had none, in the
 * log too where it hangs. `summed`: one of these files for each user who uploaded any.
 */
export function sum({ db, commit }: Tools, { sha256, md5 }: SumInput): { summed: Id[] } {
  statement(db, `UPDATE blob SET md5 = ? WHERE sha256 = ? AND md5 = ''`).run(md5, sha256);
  const rows = statement<[string], FileRecord & { channel_id: Id | null }>(
    db,
    `SELECT f.*, c.id AS channel_id FROM file f LEFT JOIN channel c ON c.pk = f.channel
     WHERE f.sha256 = ? AND f.uploaded = 1 AND f.checksum = ''`,
  ).all(sha256);
  for (const { id: key, channel_id, uploaded_by } of rows) {
    const write = { type: 'UPDATED', table: 'file', key, channel_id, mods: { checksum: md5 } } as unknown as Write;
    assertApplied(commit({ user: findUser(db, uploaded_by), authority: 'system', writes: [write] }));
  }
  return { summed: [...new Map(rows.map(({ uploaded_by, id }) => [uploaded_by, id])).values()] };
}
