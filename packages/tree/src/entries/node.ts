import type { Id, NodeRow } from '@cambium/protocol';
import type { Effect } from '../effect.ts';
import type { TreeReader } from '../reader.ts';
import { patchOf } from '../rows/fields.ts';
import { newNode } from '../rows/node.ts';
import { copyEffects } from './copy.ts';
import { need, type Entry } from './entry.ts';
import { touch } from './touch.ts';

export function nodeEffects(entry: Entry, reader: TreeReader): Effect[] {
  const key = entry.key as Id;
  switch (entry.type) {
    case 'CREATED':
      return createEffects(key, entry, reader);
    case 'COPIED':
      return copyEffects(entry, reader);
  }
  const row = reader.row('contentnode', key);
  // Gone, or in another channel, which this entry has no say in.
  if (row === undefined || row.channel_id !== entry.channel_id) return [];
  switch (entry.type) {
    case 'UPDATED':
      return updateEffects(row, entry);
    case 'MOVED':
      return moveEffects(row, entry, reader);
    case 'DELETED':
      return [{ effect: 'remove', id: key }, ...touch(row.parent_id as Id, reader)];
    default:
      throw new Error(`no entry of contentnode has the type ${entry.type}`);
  }
}

function createEffects(key: Id, entry: Entry, reader: TreeReader): Effect[] {
  const parent = need(entry, 'parent');
  const row = newNode(key, need(entry, 'channel_id'), parent, need(entry, 'obj'), entry.at);
  return [{ effect: 'insert', row, after: entry.after ?? null }, ...touch(parent, reader)];
}

function updateEffects(row: NodeRow, entry: Entry): Effect[] {
  const fields = patchOf('contentnode', row, need(entry, 'mods'));
  const own: Partial<NodeRow> = { ...fields, changed: true, modified: entry.at };
  const effects: Effect[] = [{ effect: 'patch', table: 'contentnode', key: row.id, fields: own }];
  if (row.parent_id === null && fields.title !== undefined) {
    const name = { name: fields.title, modified: entry.at };
    effects.push({ effect: 'patch', table: 'channel', key: row.channel_id, fields: name });
  }
  return effects;
}

function moveEffects(row: NodeRow, entry: Entry, reader: TreeReader): Effect[] {
  const parent = need(entry, 'parent');
  const after = entry.after ?? null;
  const isSibling = row.parent_id === parent;
  if (isSibling && reader.previousSibling(row.id) === after) return [];
  const fields = { changed: true, modified: entry.at };
  return [
    { effect: 'move', id: row.id, parent, after },
    { effect: 'patch', table: 'contentnode', key: row.id, fields },
    ...(isSibling ? [] : [...touch(row.parent_id as Id, reader), ...touch(parent, reader)]),
  ];
}
