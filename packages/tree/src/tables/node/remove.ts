import type { DeletedChange, Id } from '@cambium/protocol';
import type { Outcome } from '../../outcome.ts';
import type { TreeReader } from '../../reader.ts';
import { draft } from '../draft.ts';
import { findOrGone } from '../find.ts';
import { isRefused, refuse } from '../refuse.ts';

export function removeNode(change: DeletedChange, reader: TreeReader): Outcome {
  const row = findOrGone('contentnode', change.key as Id, change.channel_id, reader);
  if (row !== undefined && isRefused(row)) return row;
  if (row?.parent_id === null) return refuse('root', 'key');
  return { ok: true, entries: [draft(change, {})] };
}
