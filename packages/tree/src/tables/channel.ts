import { validateRow, type Change, type CreatedChange, type Id, type UpdatedChange } from '@cambium/protocol';
import type { Context, Outcome } from '../outcome.ts';
import type { TreeReader } from '../reader.ts';
import { patchOf } from '../rows/fields.ts';
import { newChannel } from '../rows/other.ts';
import { conflictsOf } from './conflicts.ts';
import { draft } from './draft.ts';
import { refuse } from './refuse.ts';

export function changeChannel(change: Change, context: Context, reader: TreeReader): Outcome {
  if (change.key !== change.channel_id) return refuse('invalid_value', 'channel_id');
  switch (change.type) {
    case 'CREATED':
      return createChannel(change, context, reader);
    case 'UPDATED':
      return updateChannel(change, reader);
    case 'DELETED':
      return { ok: true, entries: [draft(change, {})] };
    case 'PUBLISHED':
      return reader.row('channel', change.key)
        ? { ok: true, entries: [draft(change, {})] }
        : refuse('not_found', 'key');
    default:
      return refuse('unknown_type', 'type');
  }
}

/** The root node comes with it, under the same id; the entry does not say so, `applyEntry` knows. */
function createChannel(change: CreatedChange, context: Context, reader: TreeReader): Outcome {
  const key = change.key as Id;
  if (reader.availability('channel', key, key) !== 'free') return refuse('already_exists', 'key');
  const errors = validateRow('channel', newChannel(key, change.obj, context.at));
  if (errors.length > 0) return { ok: false, errors };
  return { ok: true, entries: [draft(change, { obj: change.obj })] };
}

function updateChannel(change: UpdatedChange, reader: TreeReader): Outcome {
  const row = reader.row('channel', change.key);
  if (row === undefined) return refuse('not_found', 'key');
  const fields = patchOf('channel', row, change.mods);
  const errors = validateRow('channel', { ...row, ...fields });
  if (errors.length > 0) return { ok: false, errors };
  const conflicts = conflictsOf(row, fields, change.base);
  const entries: [ReturnType<typeof draft>] = [draft(change, { mods: change.mods })];
  return conflicts.length > 0 ? { ok: true, entries, conflicts } : { ok: true, entries };
}
