import type { Id, MovedChange } from '@cambium/protocol';
import type { Outcome } from '../../outcome.ts';
import type { TreeReader } from '../../reader.ts';
import { draft } from '../draft.ts';
import { find } from '../find.ts';
import { isRefused, refuse, type Refused } from '../refuse.ts';
import { checkRoom, placeOf } from './place.ts';

export function moveNode(change: MovedChange, reader: TreeReader): Outcome {
  const key = change.key as Id;
  const row = find('contentnode', key, change.channel_id, reader, 'key');
  if (isRefused(row)) return row;
  if (row.parent_id === null) return refuse('root', 'key');
  const place = placeOf(
    { target: change.target, position: change.position, parent: change.parent },
    change.channel_id,
    key,
    reader,
  );
  if (isRefused(place)) return place;
  // Among its siblings a node can neither meet itself above nor get deeper.
  const refused = place.parent === row.parent_id ? undefined : checkMove(key, place.parent, reader);
  if (refused !== undefined) return refused;

  const entry = draft(change, { target: change.target, parent: place.parent, after: place.after });
  if (change.position !== undefined) entry.position = change.position;
  return place.adjusted ? { ok: true, entries: [entry], adjusted: ['position'] } : { ok: true, entries: [entry] };
}

function checkMove(key: Id, parent: Id, reader: TreeReader): Refused | undefined {
  const path = reader.path(parent);
  if (path.includes(key)) return refuse('cycle', 'target');
  // The height costs a walk below the node, so it is asked only when the node gets deeper than it was.
  const isDeeper = path.length > reader.path(key).length - 1;
  return checkRoom(parent, isDeeper ? reader.height(key) : 0, reader);
}
