import {
  isJsonObject,
  normalExtraFields,
  validateNode,
  type CreatedChange,
  type Id,
  type JsonObject,
  type NodeRow,
} from '@cambium/protocol';
import type { Context, Outcome } from '../../outcome.ts';
import type { TreeReader } from '../../reader.ts';
import { newNode } from '../../rows/node.ts';
import { isComplete } from '../complete.ts';
import { draft } from '../draft.ts';
import { isRefused, refuse } from '../refuse.ts';
import { checkNodes, checkRoom, placeOf } from './place.ts';

export function createNode(change: CreatedChange, context: Context, reader: TreeReader): Outcome {
  const key = change.key as Id;
  const channel = change.channel_id;
  const seen = (change.obj['parent'] ?? undefined) as Id | undefined;
  const target = change.target ?? seen;
  if (target === undefined) return refuse('missing_field', 'parent');
  if (reader.availability('contentnode', key, channel) !== 'free') return refuse('already_exists', 'key');
  const place = placeOf({ target, position: change.position, parent: seen }, channel, null, reader);
  if (isRefused(place)) return place;
  const full = checkRoom(place.parent, 0, reader) ?? checkNodes(channel, 1, reader);
  if (full !== undefined) return full;

  const said = normal(change.obj);
  const row = newNode(key, channel, place.parent, said, context.at);
  const errors = validateNode(row);
  if (errors.length > 0) return { ok: false, errors };
  const complete = isComplete(row, none, none);
  const obj: JsonObject = { ...said, parent: place.parent, complete };
  // The server's own: it says `changed` of every new row. To delete what is not there makes an object slow, too.
  if ('changed' in obj) delete obj['changed'];
  const entry = draft(change, { obj, parent: place.parent, after: place.after });
  if (change.target !== undefined) entry.target = change.target;
  if (change.position !== undefined) entry.position = change.position;
  return place.adjusted ? { ok: true, entries: [entry], adjusted: ['position'] } : { ok: true, entries: [entry] };
}

function normal(obj: JsonObject): JsonObject {
  const extra = obj['extra_fields'];
  if (!isJsonObject(extra)) return obj;
  const extra_fields = normalExtraFields(obj['kind'] as NodeRow['kind'], extra);
  return extra_fields === extra ? obj : { ...obj, extra_fields };
}

function none(): [] {
  return [];
}
