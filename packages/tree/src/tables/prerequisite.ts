import type { Change } from '@cambium/protocol';
import type { Outcome } from '../outcome.ts';
import type { TreeReader } from '../reader.ts';
import { draft } from './draft.ts';
import { find, findOrGone } from './find.ts';
import { isRefused, refuse } from './refuse.ts';

/** Pairs `[target_node, prerequisite]`: made and deleted, never changed. Longer cycles than two are allowed. */
export function changePrerequisite(change: Change, reader: TreeReader): Outcome {
  if (change.type === 'CREATED') return createPair(change, reader);
  if (change.type !== 'DELETED') return refuse('unknown_type', 'type');
  const row = findOrGone('contentnode_prerequisite', change.key, change.channel_id, reader);
  return row !== undefined && isRefused(row) ? row : { ok: true, entries: [draft(change, {})] };
}

function createPair(change: Change, reader: TreeReader): Outcome {
  if (typeof change.key === 'string') return refuse('invalid_value', 'key');
  const [target, prerequisite] = change.key;
  for (const id of change.key) {
    const node = find('contentnode', id, change.channel_id, reader, 'key');
    if (isRefused(node)) return node;
  }
  if (target === prerequisite) return refuse('cycle', 'key');
  if (reader.row('contentnode_prerequisite', [target, prerequisite])) return refuse('already_exists', 'key');
  if (reader.row('contentnode_prerequisite', [prerequisite, target])) return refuse('cycle', 'key');
  return { ok: true, entries: [draft(change, { obj: { target_node: target, prerequisite } })] };
}
