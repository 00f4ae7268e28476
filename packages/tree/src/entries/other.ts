import type { FileRow, Id, PrerequisiteRow } from '@cambium/protocol';
import type { Effect } from '../effect.ts';
import type { TreeReader } from '../reader.ts';
import { patchOf } from '../rows/fields.ts';
import { newFile, newItem } from '../rows/other.ts';
import { need, type Entry } from './entry.ts';

/** Rows without a place in the tree. What hangs on a node goes with it, without an entry. */
export function otherEffects(table: 'file' | 'assessmentitem', entry: Entry, reader: TreeReader): Effect[] {
  const key = entry.key as Id;
  if (entry.type === 'CREATED') return createEffects(table, key, entry, reader);
  const row = reader.row(table, key);
  if (row === undefined || row.channel_id !== entry.channel_id) return [];
  switch (entry.type) {
    case 'UPDATED': {
      const fields = { ...patchOf(table, row, need(entry, 'mods')), modified: entry.at };
      return [{ effect: 'patch', table, key, fields }];
    }
    case 'DELETED':
      return [{ effect: 'drop', table, key }];
    default:
      throw new Error(`no entry of ${table} has the type ${entry.type}`);
  }
}

function createEffects(table: 'file' | 'assessmentitem', key: Id, entry: Entry, reader: TreeReader): Effect[] {
  const obj = need(entry, 'obj');
  if (table === 'assessmentitem') {
    return [{ effect: 'put', table, row: newItem(key, need(entry, 'channel_id'), obj, entry.at) }];
  }
  const row = newFile(key, entry.channel_id, obj, entry.at);
  // A store that has the file unattached already gets it into the channel; a reader of the log sees it for the first time.
  if (reader.row('file', key) === undefined) return [{ effect: 'put', table, row }];
  const { id: _id, ...fields } = row;
  return [{ effect: 'patch', table, key, fields: fields satisfies Partial<FileRow> }];
}

export function prerequisiteEffects(entry: Entry, reader: TreeReader): Effect[] {
  const table = 'contentnode_prerequisite';
  const [target_node, prerequisite] = entry.key as [Id, Id];
  if (entry.type === 'CREATED') {
    const row: PrerequisiteRow = { target_node, prerequisite, channel_id: need(entry, 'channel_id') };
    return [{ effect: 'put', table, row }];
  }
  if (entry.type !== 'DELETED') throw new Error(`no entry of ${table} has the type ${entry.type}`);
  const row = reader.row(table, entry.key);
  return row?.channel_id === entry.channel_id ? [{ effect: 'drop', table, key: entry.key }] : [];
}
