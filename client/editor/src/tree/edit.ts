import type { Channel, ShownNode } from '@cambium/client';
import type { Id, Kind, Position } from '@cambium/protocol';

import { KIND_NAMES } from '../shared/kind.ts';
import type { Outline, OutlineRow } from './outline.ts';

/** Where something goes: beside or into a node. */
export interface Place {
  target: Id;
  position: Position;
}

/** Where a new or pasted node goes when `row` is selected: into a topic, after anything else, else at the end. */
export function placeAt(channel: Channel, row: OutlineRow | undefined): Place {
  if (!row) return { target: channel.id, position: 'last-child' };
  return { target: row.node.id, position: row.node.kind === 'topic' ? 'last-child' : 'right' };
}

/** Creates a node with a title that is meant to be typed over. */
export function createAt(channel: Channel, place: Place, kind: Kind): Promise<Id> {
  return channel.create({
    ...place,
    kind,
    title: `New ${KIND_NAMES[kind].replace(/^[A-Z][a-z]/, (start) => start.toLowerCase())}`,
  });
}

/** A copy right after its source. */
export function duplicate(channel: Channel, node: ShownNode): Promise<Id> {
  const title = `${node.title.slice(0, 190)} (copy)`;
  return channel.copy(node.id, { target: node.id, position: 'right', mods: { title } });
}

export type Step = 'up' | 'down' | 'in' | 'out';

/** Where one step takes a row: along its siblings, into the topic before it, out of its parent. Null: nowhere. */
export function stepPlace(outline: Outline, row: OutlineRow, step: Step, root: Id): Place | null {
  const { parent_id: parent } = row.node;
  if (parent === null) return null;
  const siblings = outline.children(parent);
  const before = siblings[row.index - 1];
  const after = siblings[row.index + 1];
  if (step === 'up') return before ? { target: before.id, position: 'left' } : null;
  if (step === 'down') return after ? { target: after.id, position: 'right' } : null;
  if (step === 'out') return parent === root ? null : { target: parent, position: 'right' };
  return before?.kind === 'topic' ? { target: before.id, position: 'last-child' } : null;
}
