import type { Change } from '@cambium/protocol';
import { modelChannel, modelFile, modelItem, modelPair } from './hanging.ts';
import { modelNode } from './node.ts';
import { ModelTree, refused, type Prediction } from './tree.ts';

/**
 * The naive reference model: the contract's rules over arrays of children, with no thought of speed. It shares nothing
 * with the reducer but the protocol's `derivedId` and `applyMods`, so that where both agree, both understood the same.
 *
 * It says of every change whether it is applied, and keeps the tree, titles and what hangs on nodes; not `complete`.
 */
export class ReferenceModel extends ModelTree {
  apply(change: Change): Prediction {
    switch (change.table) {
      case 'channel':
        return modelChannel(this, change);
      case 'contentnode':
        return modelNode(this, change);
      case 'assessmentitem':
        return modelItem(this, change);
      case 'file':
        return modelFile(this, change);
      case 'contentnode_prerequisite':
        return modelPair(this, change);
      default:
        return refused('unknown_table');
    }
  }
}
