import type { Id } from '@cambium/protocol';
import type { Effect } from '../effect.ts';
import type { TreeReader } from '../reader.ts';

/** The child list of a node is another one now, so the node has changed since it was published. Its `modified` stays. */
export function touch(parent: Id, reader: TreeReader): Effect[] {
  const row = reader.row('contentnode', parent);
  if (row === undefined || row.changed) return [];
  return [{ effect: 'patch', table: 'contentnode', key: parent, fields: { changed: true } }];
}
