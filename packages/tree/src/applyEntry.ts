import type { Effect } from './effect.ts';
import { appEffects } from './entries/app.ts';
import { channelEffects } from './entries/channel.ts';
import type { Entry } from './entries/entry.ts';
import { nodeEffects } from './entries/node.ts';
import { otherEffects, prerequisiteEffects } from './entries/other.ts';
import type { TreeReader } from './reader.ts';

/**
 * Turns an entry of the log into what it does to a store.
 *
 *     change ── applyChange ──► entry 1, entry 2 …          (the server alone; a client, to predict)
 *                                  │
 *                    ┌─────────────┼──────────────┐
 *                    ▼             ▼              ▼
 *                  server       replica     time travel     applyEntry, over the store's own rows
 *                    │             │              │
 *                 effects       effects        effects      the same ones, so the same rows
 *
 * 1. It uses what the entry says and what the store has, nothing else: no clock, no random, no other channel.
 * 2. Stores that agree before an entry agree after it, in every stored field and in the order of siblings.
 * 3. `parent` and `after` place a node; `target` and `position` are never looked at again.
 * 4. An entry has no say in rows of another channel, and none in rows that are gone.
 * 5. `changed` becomes true on the row that the entry makes, updates or moves, and on a node whose list of children
 *    is another one afterwards. `modified` is the entry's `at`, on the entry's own rows alone.
 * 6. A MOVED to where the node stands has no effect.
 * 7. The title of a root and the name of its channel are one.
 *
 * The effects are applied in their order, all before the next entry is looked at.
 */
export function applyEntry(entry: Entry, reader: TreeReader): Effect[] {
  switch (entry.table) {
    case 'contentnode':
      return nodeEffects(entry, reader);
    case 'file':
    case 'assessmentitem':
      return otherEffects(entry.table, entry, reader);
    case 'contentnode_prerequisite':
      return prerequisiteEffects(entry, reader);
    case 'channel':
      return channelEffects(entry, reader);
    default:
      // A table of an application: what the entry says is resolved, so a reader needs not know the table.
      return appEffects(entry, reader);
  }
}
