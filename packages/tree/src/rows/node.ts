import { BLANK_NODE, type Id, type JsonObject, type NodeRow } from '@cambium/protocol';
import { withoutNulls } from './fields.ts';

/** The row of a new node: what its author said, defaults for the rest. */
export function newNode(id: Id, channel: Id, parent: Id | null, obj: JsonObject, at: string): NodeRow {
  return {
    ...BLANK_NODE,
    kind: 'topic',
    title: '',
    node_id: id,
    content_id: id,
    complete: false,
    ...(withoutNulls(obj, 'parent') as Partial<NodeRow>),
    id,
    channel_id: channel,
    parent_id: parent,
    changed: true,
    published: false,
    modified: at,
  };
}
