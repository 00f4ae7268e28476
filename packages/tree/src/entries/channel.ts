import type { Id, NodeRow } from '@cambium/protocol';
import type { Effect } from '../effect.ts';
import type { TreeReader } from '../reader.ts';
import { patchOf } from '../rows/fields.ts';
import { newNode } from '../rows/node.ts';
import { newChannel } from '../rows/other.ts';
import { need, type Entry } from './entry.ts';

export function channelEffects(entry: Entry, reader: TreeReader): Effect[] {
  const key = entry.key as Id;
  if (entry.type === 'CREATED') {
    const row = newChannel(key, need(entry, 'obj'), entry.at);
    const root = newNode(key, key, null, { title: row.name, complete: true }, entry.at);
    return [
      { effect: 'put', table: 'channel', row },
      { effect: 'insert', row: root, after: null },
    ];
  }
  const row = reader.row('channel', key);
  if (row === undefined) return [];
  switch (entry.type) {
    case 'UPDATED': {
      const fields = { ...patchOf('channel', row, need(entry, 'mods')), modified: entry.at };
      const effects: Effect[] = [{ effect: 'patch', table: 'channel', key, fields }];
      if (fields.name !== undefined) effects.push(titleEffect(key, fields.name, entry.at));
      return effects;
    }
    case 'PUBLISHED': {
      const fields = { published: true, version: row.version + 1, last_published: entry.at, modified: entry.at };
      return [
        { effect: 'publish', channel: key },
        { effect: 'patch', table: 'channel', key, fields },
      ];
    }
    case 'DELETED':
      return [{ effect: 'removeChannel', channel: key }];
    default:
      throw new Error(`no entry of channel has the type ${entry.type}`);
  }
}

function titleEffect(root: Id, title: string, at: string): Effect {
  const fields: Partial<NodeRow> = { title, changed: true, modified: at };
  return { effect: 'patch', table: 'contentnode', key: root, fields };
}
