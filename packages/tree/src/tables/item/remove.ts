import type { DeletedChange, EntryDraft, FileRow, Id } from '@cambium/protocol';
import type { Outcome } from '../../outcome.ts';
import type { TreeReader } from '../../reader.ts';
import { filesOf } from '../attached.ts';
import { followUp } from '../complete.ts';
import { draft } from '../draft.ts';
import { findOrGone } from '../find.ts';
import { isRefused } from '../refuse.ts';

/** The files of an item go with it, each by an entry of its own: only a node takes along what hangs on it without a word. */
export function removeItem(change: DeletedChange, reader: TreeReader): Outcome {
  const row = findOrGone('assessmentitem', change.key as Id, change.channel_id, reader);
  if (row !== undefined && isRefused(row)) return row;
  const entry = draft(change, {});
  if (row === undefined) return { ok: true, entries: [entry] };
  const files = [...filesOf(row.id, reader)].sort((a, b) => (a.id < b.id ? -1 : 1));
  const hanging = { table: 'assessmentitem', id: row.id, row: null, isContent: true } as const;
  return { ok: true, entries: [entry, ...files.map(leave), ...followUp(row.contentnode, hanging, reader)] };
}

function leave(file: FileRow): EntryDraft {
  return { type: 'DELETED', table: 'file', key: file.id, channel_id: file.channel_id };
}
