import type { Id, NodeRow } from '@cambium/protocol';
import type { NodeRecord } from '../database/record.ts';
import { nodeFields, nodeRow } from '../database/record.ts';

/** A row without its place. Of its two caches, `fields` and `row`, at least one is filled. */
export interface Content extends Pick<
  NodeRecord,
  'id' | 'kind' | 'title' | 'complete' | 'changed' | 'published' | 'coach' | 'modified' | 'rev' | 'item_count'
> {
  /** The column `fields`. */
  fields: string | undefined;
  /** Shared with whoever asked for it: replaced, never written to. */
  row: Readonly<NodeRow> | undefined;
}

export function contentOfRow(row: NodeRow, rev: number, itemCount: number): Content {
  return {
    id: row.id,
    kind: row.kind,
    title: row.title,
    complete: row.complete ? 1 : 0,
    changed: row.changed ? 1 : 0,
    published: row.published ? 1 : 0,
    coach: row.role_visibility === 'coach' ? 1 : 0,
    modified: row.modified,
    rev,
    item_count: itemCount,
    fields: undefined,
    row,
  };
}

export function rowOf(content: Content, parent: Id | null, channel: Id): NodeRow {
  if (content.row) {
    if (content.row.parent_id !== parent) content.row = { ...content.row, parent_id: parent };
  } else {
    content.row = nodeRow({ ...content, fields: content.fields as string }, parent, channel);
  }
  return content.row;
}

export function fieldsOf(content: Content): string {
  return (content.fields ??= nodeFields(content.row as NodeRow));
}

/** As publishing leaves it. */
export function published(content: Content): Content {
  if (content.complete === 0 || (content.published === 1 && content.changed === 0)) return content;
  const row = content.row && { ...content.row, published: true, changed: false };
  return { ...content, published: 1, changed: 0, row };
}

/** Fields that live in a column: to patch them the JSON of the others need not be read. */
const COLUMNS = new Set<string>(['title', 'complete', 'changed', 'published', 'modified']);
const FIXED = ['id', 'channel_id', 'parent_id', 'kind'] as const;

/** Writes new values of fields into a content; `row` is asked only when a field without a column changes. */
export function patch(content: Content, fields: Partial<NodeRow>, row: () => NodeRow): void {
  for (const key of FIXED) if (key in fields) throw new Error(`a node's ${key} is not patched`);
  for (const key in fields) {
    if (COLUMNS.has(key)) continue;
    Object.assign(content, contentOfRow({ ...row(), ...fields }, content.rev, content.item_count));
    return;
  }
  const { title, complete, changed, published: isPublished, modified } = fields;
  if (title !== undefined) content.title = title;
  if (complete !== undefined) content.complete = complete ? 1 : 0;
  if (changed !== undefined) content.changed = changed ? 1 : 0;
  if (isPublished !== undefined) content.published = isPublished ? 1 : 0;
  if (modified !== undefined) content.modified = modified;
  if (content.row) content.row = { ...content.row, ...fields };
}
