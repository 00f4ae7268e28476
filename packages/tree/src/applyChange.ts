import { appTable, type Change, type UnattachedChange } from '@cambium/protocol';
import type { Context, Outcome } from './outcome.ts';
import type { TreeReader } from './reader.ts';
import { changeAppRow } from './tables/app.ts';
import { changeChannel } from './tables/channel.ts';
import { changeFile } from './tables/file/change.ts';
import { changeItem } from './tables/item/change.ts';
import { changeNode } from './tables/node/change.ts';
import { changePrerequisite } from './tables/prerequisite.ts';
import { refuse } from './tables/refuse.ts';

/**
 * Judges a change against the tree: either the entries that the log gets, or why it is not possible. Changes nothing,
 * has no clock and no random; the same change over the same rows has the same outcome everywhere.
 *
 * @param change as `parseChange` returns it: everything that needs no tree has been checked
 * @param ignored the paths that `parseChange` left out; they are handed on in the outcome
 */
export function applyChange(
  change: Change | UnattachedChange,
  context: Context,
  reader: TreeReader,
  ignored: string[] = [],
): Outcome {
  const outcome = judge(change, context, reader);
  if (outcome.ok && ignored.length > 0) outcome.ignored = ignored;
  return outcome;
}

function judge(change: Change | UnattachedChange, context: Context, reader: TreeReader): Outcome {
  switch (change.table) {
    case 'contentnode':
      return changeNode(change, context, reader);
    case 'file':
      return changeFile(change, context, reader);
    case 'assessmentitem':
      return changeItem(change, context, reader);
    case 'contentnode_prerequisite':
      return changePrerequisite(change, reader);
    case 'channel':
      return changeChannel(change, context, reader);
    default: {
      const table = appTable(change.table);
      return table ? changeAppRow(change as Change, table, context, reader) : refuse('unknown_table', 'table');
    }
  }
}
