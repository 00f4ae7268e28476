import type { FileRow, Id, ItemRow, NodeRow, TableRow } from '@cambium/protocol';
import type { Effect } from '../effect.ts';
import type { TreeReader } from '../reader.ts';
import { need, type Entry } from './entry.ts';
import { touch } from './touch.ts';

/** `rows` that are stored apart (`rows_at`) have to be put back into the entry before. */
export function copyEffects(entry: Entry, reader: TreeReader): Effect[] {
  const parent = need(entry, 'parent');
  // Rows come in document order, so each is put behind the sibling that came last.
  const last = new Map<Id, Id | null>([[parent, entry.after ?? null]]);
  const effects = need(entry, 'rows').map((copied) => rowEffect(copied, entry.at, last));
  return [...effects, ...touch(parent, reader)];
}

function rowEffect({ table, row }: TableRow, at: string, last: Map<Id, Id | null>): Effect {
  if (row['modified'] !== at) row = { ...row, modified: at };
  switch (table) {
    case 'contentnode': {
      const node = row as unknown as NodeRow;
      const parent = node.parent_id as Id;
      const after = last.get(parent) ?? null;
      last.set(parent, node.id);
      return { effect: 'insert', row: node, after };
    }
    case 'assessmentitem':
      return { effect: 'put', table, row: row as unknown as ItemRow };
    case 'file':
      return { effect: 'put', table, row: row as unknown as FileRow };
    default:
      throw new Error(`no copy has rows of ${table}`);
  }
}
