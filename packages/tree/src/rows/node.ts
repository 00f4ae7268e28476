import { WHOLE_NODE, type Id, type Json, type JsonObject, type NodeRow } from '@cambium/protocol';

/** A new row is changed until it is published. */
const NEW: NodeRow = { ...WHOLE_NODE, changed: true };

/** What no author says of a new row: its place, and what the reducer knows better. */
const FIXED = new Set(['parent', 'id', 'channel_id', 'parent_id', 'changed', 'published', 'modified']);

/** The row of a new node: what its author said, defaults for the rest. */
export function newNode(id: Id, channel: Id, parent: Id | null, obj: JsonObject, at: string): NodeRow {
  const row: NodeRow = { ...NEW };
  row.id = id;
  row.node_id = id;
  row.content_id = id;
  row.channel_id = channel;
  row.parent_id = parent;
  row.modified = at;
  for (const key of Object.keys(obj)) {
    const value = obj[key] as Json;
    // Null and absent mean the same.
    if (value !== null && !FIXED.has(key)) (row as unknown as JsonObject)[key] = value;
  }
  return row;
}
