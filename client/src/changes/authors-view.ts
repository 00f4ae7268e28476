import { getPath, type Id, isJsonObject, type Json, type Mods } from '@cambium/protocol';
import type { PendingRecord } from '../database/records.ts';
import { isTable } from '../replica/names.ts';
import type { Workspace } from '../replica/workspace.ts';

/**
 * Writes into a new change what its author saw: where the target of a `left` or `right` stood, and the values that an
 * UPDATED replaces. The server then places a row well whose target has gone, and tells of conflicts.
 */
export function noteAuthorsView(record: PendingRecord, withBase: boolean, workspace: Workspace): void {
  noteParent(record, workspace);
  if (withBase) noteBase(record, workspace);
}

function noteParent(record: PendingRecord, workspace: Workspace): void {
  const { change } = record;
  const { target, position } = change;
  if (change.table !== 'contentnode' || typeof target !== 'string') return;
  if (position !== 'left' && position !== 'right') return;
  const parent = workspace.stored('contentnode', target)?.parent_id;
  if (!parent) return;
  if (change.type !== 'CREATED') change['parent'] ??= parent;
  else if (isJsonObject(change['obj'])) change['obj'] = { parent, ...change['obj'] };
}

function noteBase(record: PendingRecord, workspace: Workspace): void {
  const { change } = record;
  if (change.type !== 'UPDATED' || change['base'] !== undefined || !isTable(change.table)) return;
  const row = workspace.row(change.table, change['key'] as Id);
  if (!row) return;
  const base = new Map<string, Json>();
  for (const path of Object.keys(change['mods'] as Mods)) base.set(path, getPath(row, path));
  change['base'] = Object.fromEntries(base);
}
