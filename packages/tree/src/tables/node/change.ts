import type { Change } from '@cambium/protocol';
import type { Context, Outcome } from '../../outcome.ts';
import type { TreeReader } from '../../reader.ts';
import { refuse } from '../refuse.ts';
import { copyNode } from './copy.ts';
import { createNode } from './create.ts';
import { moveNode } from './move.ts';
import { removeNode } from './remove.ts';
import { updateNode } from './update.ts';

export function changeNode(change: Change, context: Context, reader: TreeReader): Outcome {
  switch (change.type) {
    case 'CREATED':
      return createNode(change, context, reader);
    case 'UPDATED':
      return updateNode(change, reader);
    case 'MOVED':
      return moveNode(change, reader);
    case 'COPIED':
      return copyNode(change, context, reader);
    case 'DELETED':
      return removeNode(change, reader);
    default:
      return refuse('unknown_type', 'type');
  }
}
