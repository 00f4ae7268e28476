import type { Database } from 'better-sqlite3';
import { Refusal, type Id, type ProtocolError } from '@cambium/protocol';
import { statement } from '../../database/statement.ts';
import type { CommitRequest, CommitResult } from '../../writer/writer.ts';
import { BLANK_NOTES, type Digest } from '../notes.ts';
import { attempt } from './attempt.ts';
import { keep } from './blob.ts';
import { makeStored, reserve, type NewFile } from './reserve.ts';
import { store } from './store.ts';

export interface PackedFile {
  file: NewFile;
  digest: Digest;
  /** Root-relative. */
  url: string;
  /** Others that wait for the same bytes. */
  others: { id: Id; url: string }[];
}

export interface StorePackInput {
  upload: Id;
  /** pk */
  user: number;
  files: PackedFile[];
  /** Members that were refused before, with their errors; kept with the upload. */
  refused: { id: string; error: ProtocolError }[];
  now: string;
}

interface Tools {
  db: Database;
  commit: (request: CommitRequest) => CommitResult;
}

/**
 * The members of a pack become files in one transaction, each by itself: the refused ones, whose errors are returned,
 * leave no trace. What the pack had reserved is theirs to use.
 */
export function storePack(tools: Tools, input: StorePackInput): { refused: StorePackInput['refused'] } {
  const { db } = tools;
  const settled = statement(
    db,
    `UPDATE upload SET state = 'stored', offset = length WHERE id = ? AND state = 'receiving'`,
  );
  if (settled.run(input.upload).changes === 0) throw new Refusal('not_found');
  const refused = [...input.refused, ...storeMembers(tools, input)];
  const ids = [...input.files.map(({ file }) => file.id), ...input.refused.map(({ id }) => id)];
  statement(
    db,
    `UPDATE upload SET metadata = json_set(metadata, '$.members', json(?), '$.refused', json(?)) WHERE id = ?`,
  ).run(JSON.stringify(ids), JSON.stringify(refused), input.upload);
  return { refused };
}

/** All at once, which is the usual case; where one is refused, once more and each by itself. */
function storeMembers(tools: Tools, input: StorePackInput): StorePackInput['refused'] {
  const all = () => input.files.forEach((member) => storeMember(tools, member, input));
  if (attempt(tools.db, input, all) === null) return [];
  const refused: StorePackInput['refused'] = [];
  for (const member of input.files) {
    const refusal = attempt(tools.db, input, () => storeMember(tools, member, input));
    if (refusal) refused.push({ id: member.file.id, error: refusal.error });
  }
  return refused;
}

function storeMember(tools: Tools, { file, digest, url, others }: PackedFile, { user, now }: StorePackInput): void {
  const { checksum, sha256 } = file;
  const size = file.file_size ?? 0;
  const stored = { ...file, checksum: digest.md5, sha256: digest.sha256 };
  // No row that anybody could have seen becomes another: the whole walk through the reducer and the log is for those.
  if (others.length === 0 && makeStored(tools.db, { file: stored, user, url, now })) {
    keep(tools.db, { ...digest, size, now });
    return;
  }
  const notes = { ...BLANK_NOTES, checksum: checksum || null, sha256 };
  // It is used up within this transaction.
  const upload = { id: file.id, state: 'reserved' as const, length: size, notes, expires: '9999' };
  reserve(tools.db, { user, file, upload, now });
  const files = [{ id: file.id, url }, ...others.filter(({ id }) => id !== file.id)];
  store(tools, { ...digest, size, known: false, upload: null, files, now });
}
