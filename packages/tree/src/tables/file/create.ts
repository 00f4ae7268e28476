import { validateRow, type FileRow, type Id, type JsonObject } from '@cambium/protocol';
import type { Context, Outcome } from '../../outcome.ts';
import type { TreeReader } from '../../reader.ts';
import { patchOf, withoutNulls } from '../../rows/fields.ts';
import { newFile } from '../../rows/other.ts';
import type { AnyChange } from '../draft.ts';
import { refuse } from '../refuse.ts';
import { replaceFile } from './replace.ts';
import { checkOwner, followUps, isAttached, moveOwner, settle } from './settle.ts';

/** What only the server says of a file. */
const SERVERS = ['uploaded', 'uploaded_by', 'url', 'id', 'channel_id', 'modified'];

type Created = Extract<AnyChange, { type: 'CREATED' }>;

export function createFile(change: Created, context: Context, reader: TreeReader): Outcome {
  const key = change.key as Id;
  const channel = change.channel_id;
  const obj: JsonObject = { uploaded_by: context.user, ...change.obj };
  if (context.authority !== 'system') {
    for (const field of SERVERS) delete obj[field];
    obj['uploaded_by'] = context.user;
  }
  const availability = reader.availability('file', key, channel ?? '');
  if (availability === 'taken') return adopt(change, obj, context, reader);
  if (availability === 'reserved') return refuse('already_exists', 'key');

  const row = newFile(key, null, obj, context.at);
  if (isAttached(row)) row.channel_id = channel;
  // The log of a channel has only files that are attached there.
  else if (channel !== null) return refuse('missing_field', 'contentnode');
  const refused = checkOwner(row, channel, reader);
  if (refused !== undefined) return refused;
  const errors = validateRow('file', row);
  if (errors.length > 0) return { ok: false, errors };
  return { ok: true, entries: [...settle(change, undefined, row, {}), ...followUps(undefined, row, true, reader)] };
}

/** The same file by the same uploader came before, by an upload or by another tab: the fields given are laid over it. */
function adopt(change: Created, obj: JsonObject, context: Context, reader: TreeReader): Outcome {
  const before = reader.row('file', change.key as Id);
  if (before === undefined || !isSameFile(before, obj)) return refuse('already_exists', 'key');
  if (before.channel_id !== null && before.channel_id !== change.channel_id) return refuse('already_exists', 'key');
  const mods = moveOwner(before, withoutNulls(obj, 'uploaded_by'));
  const after: FileRow = { ...before, ...patchOf('file', before, mods) };
  return replaceFile(change, before, after, mods, context, reader);
}

function isSameFile(row: FileRow, obj: JsonObject): boolean {
  const isSameHash = row.sha256 === null || (obj['sha256'] ?? null) === null || row.sha256 === obj['sha256'];
  const isSameSize = row.file_size === obj['file_size'] && row.checksum === obj['checksum'];
  return isSameHash && isSameSize && row.uploaded_by === obj['uploaded_by'];
}
