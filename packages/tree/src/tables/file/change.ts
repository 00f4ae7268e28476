import type { EntryDraft, FileRow, Id } from '@cambium/protocol';
import type { Context, Outcome } from '../../outcome.ts';
import type { TreeReader } from '../../reader.ts';
import { patchOf } from '../../rows/fields.ts';
import { conflictsOf } from '../conflicts.ts';
import { draft, type AnyChange } from '../draft.ts';
import { find } from '../find.ts';
import { isRefused, refuse, type Refused } from '../refuse.ts';
import { createFile } from './create.ts';
import { replaceFile } from './replace.ts';
import { followUps, moveOwner } from './settle.ts';

export function changeFile(change: AnyChange, context: Context, reader: TreeReader): Outcome {
  switch (change.type) {
    case 'CREATED':
      return createFile(change, context, reader);
    case 'UPDATED':
      return updateFile(change, context, reader);
    case 'DELETED':
      return removeFile(change, context, reader);
    default:
      return refuse('unknown_type', 'type');
  }
}

function updateFile(change: Extract<AnyChange, { type: 'UPDATED' }>, context: Context, reader: TreeReader): Outcome {
  const row = findFile(change, context, reader);
  if (isRefused(row)) return row;
  // Its channel follows from what it hangs on.
  const { channel_id: _channel, ...asked } = change.mods;
  const mods = moveOwner(row, asked);
  const fields = patchOf('file', row, mods);
  const outcome = replaceFile(change, row, { ...row, ...fields }, mods, context, reader);
  if (!outcome.ok) return outcome;
  const conflicts = conflictsOf(row, fields, change.base);
  return conflicts.length > 0 ? { ...outcome, conflicts } : outcome;
}

function removeFile(change: AnyChange, context: Context, reader: TreeReader): Outcome {
  const row = findFile(change, context, reader);
  if (isRefused(row)) {
    return row.errors[0]?.code === 'not_found' ? { ok: true, entries: [draft(change, {})] } : row;
  }
  const removal = draft(change, { channel_id: row.channel_id });
  // Sent to a channel that the file has left meanwhile: that channel's log says so once more.
  const entries: [EntryDraft, ...EntryDraft[]] =
    row.channel_id === null && change.channel_id !== null ? [draft(change, {}), removal] : [removal];
  return { ok: true, entries: [...entries, ...followUps(row, undefined, true, reader)] };
}

/**
 * The file that a change is about: one of its channel, or one of the author's own that is attached to nothing. The
 * server's own word finds a file wherever it is.
 */
function findFile(change: AnyChange, context: Context, reader: TreeReader): Readonly<FileRow> | Refused {
  const key = change.key as Id;
  const row = reader.row('file', key);
  if (row !== undefined && context.authority === 'system') return row;
  if (row?.channel_id === null) return row.uploaded_by === context.user ? row : refuse('not_found', 'key');
  return find('file', key, change.channel_id, reader, 'key');
}
