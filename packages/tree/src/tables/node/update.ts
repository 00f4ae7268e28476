import {
  fieldOf,
  normalExtraFields,
  validateNode,
  type Id,
  type Mods,
  type NodeRow,
  type UpdatedChange,
} from '@cambium/protocol';
import type { Outcome } from '../../outcome.ts';
import type { TreeReader } from '../../reader.ts';
import { patchOf } from '../../rows/fields.ts';
import { isCompleteNow, mayDecide } from '../complete.ts';
import { conflictsOf } from '../conflicts.ts';
import { draft } from '../draft.ts';
import { find } from '../find.ts';
import { isRefused } from '../refuse.ts';

export function updateNode(change: UpdatedChange, reader: TreeReader): Outcome {
  const row = find('contentnode', change.key as Id, change.channel_id, reader, 'key');
  if (isRefused(row)) return row;
  const { fields, mods: said } = normalPatch(row, change.mods);
  const next: NodeRow = { ...row, ...fields };
  const errors = validateNode(next);
  if (errors.length > 0) return { ok: false, errors };

  const mods = nodeMods(said, row.complete, mayDecide(fields) ? isCompleteNow(next, reader) : row.complete);
  const conflicts = conflictsOf(row, fields, change.base);
  const entries: [ReturnType<typeof draft>] = [draft(change, { mods })];
  return conflicts.length > 0 ? { ok: true, entries, conflicts } : { ok: true, entries };
}

/**
 * The fields that mods change, `extra_fields` in their one spelling; where that takes more than the author said, the
 * mods say the whole field.
 */
export function normalPatch(row: NodeRow, mods: Mods): { fields: Partial<NodeRow>; mods: Mods } {
  const fields = patchOf('contentnode', row, mods);
  if (fields.extra_fields === undefined) return { fields, mods };
  const extra_fields = normalExtraFields(row.kind, fields.extra_fields);
  if (extra_fields === fields.extra_fields) return { fields, mods };
  const others = Object.entries(mods).filter(([path]) => fieldOf(path) !== 'extra_fields');
  return { fields: { ...fields, extra_fields }, mods: { ...Object.fromEntries(others), extra_fields } };
}

/** The author's mods with the server's word on what is the server's: `complete`, and `changed`, which every entry sets. */
export function nodeMods(mods: Mods, before: boolean, complete: boolean): Mods {
  const asked = mods['complete'] ?? before;
  if (asked === complete && !Object.hasOwn(mods, 'changed')) return mods;
  const result: Mods = { ...mods };
  delete result['changed'];
  if (asked !== complete) result['complete'] = complete;
  return result;
}
