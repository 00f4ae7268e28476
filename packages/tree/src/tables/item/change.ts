import {
  validateRow,
  type Change,
  type CreatedChange,
  type EntryDraft,
  type Id,
  type ItemRow,
  type UpdatedChange,
} from '@cambium/protocol';
import type { Context, Outcome } from '../../outcome.ts';
import type { TreeReader } from '../../reader.ts';
import { patchOf } from '../../rows/fields.ts';
import { newItem } from '../../rows/other.ts';
import { followUp } from '../complete.ts';
import { conflictsOf } from '../conflicts.ts';
import { draft } from '../draft.ts';
import { find } from '../find.ts';
import { isRefused, refuse } from '../refuse.ts';
import { removeItem } from './remove.ts';

export function changeItem(change: Change, context: Context, reader: TreeReader): Outcome {
  switch (change.type) {
    case 'CREATED':
      return createItem(change, context, reader);
    case 'UPDATED':
      return updateItem(change, reader);
    case 'DELETED':
      return removeItem(change, reader);
    default:
      return refuse('unknown_type', 'type');
  }
}

function createItem(change: CreatedChange, context: Context, reader: TreeReader): Outcome {
  const key = change.key as Id;
  const channel = change.channel_id;
  const owner = change.obj['contentnode'];
  if (typeof owner !== 'string') return refuse('missing_field', 'contentnode');
  const node = find('contentnode', owner, channel, reader, 'contentnode');
  if (isRefused(node)) return node;
  if (reader.availability('assessmentitem', key, channel) !== 'free') return refuse('already_exists', 'key');
  const row = newItem(key, channel, change.obj, context.at);
  const errors = validateRow('assessmentitem', row);
  if (errors.length > 0) return { ok: false, errors };
  return { ok: true, entries: [draft(change, { obj: change.obj }), ...followUps(row, reader)] };
}

function updateItem(change: UpdatedChange, reader: TreeReader): Outcome {
  const row = find('assessmentitem', change.key as Id, change.channel_id, reader, 'key');
  if (isRefused(row)) return row;
  const fields = patchOf('assessmentitem', row, change.mods);
  const next: ItemRow = { ...row, ...fields };
  const errors = validateRow('assessmentitem', next);
  if (errors.length > 0) return { ok: false, errors };
  const conflicts = conflictsOf(row, fields, change.base);
  const outcome: Outcome = { ok: true, entries: [draft(change, { mods: change.mods }), ...followUps(next, reader)] };
  return conflicts.length > 0 ? { ...outcome, conflicts } : outcome;
}

function followUps(row: ItemRow, reader: TreeReader): EntryDraft[] {
  return followUp(row.contentnode, { table: 'assessmentitem', id: row.id, row, isContent: true }, reader);
}
