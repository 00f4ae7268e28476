import type { Id } from '@cambium/protocol';

import type { Place } from './edit.ts';
import type { OutlineRow } from './outline.ts';

export type Zone = 'before' | 'after' | 'inside';

/** Which part of a row the pointer is over: the edges mean beside it, the middle of a topic means into it. */
export function zoneOf(row: OutlineRow, offset: number, height: number): Zone {
  const part = offset / height;
  if (row.node.kind !== 'topic') return part < 0.5 ? 'before' : 'after';
  if (part < 0.28) return 'before';
  // Below an open topic come its children: the lower edge would point between the two.
  return part > 0.72 && !row.open ? 'after' : 'inside';
}

export function placeOf(row: OutlineRow, zone: Zone): Place {
  const position = { before: 'left', after: 'right', inside: 'last-child' } as const;
  return { target: row.node.id, position: position[zone] };
}

/** Is row `at` the node `dragged` or below it? Rows of one subtree follow each other. */
export function isWithin(rows: readonly OutlineRow[], at: number, dragged: Id): boolean {
  let level = Infinity;
  for (let i = at; i >= 0 && level > 1; i -= 1) {
    const row = rows[i];
    if (!row || row.level >= level) continue;
    if (row.node.id === dragged) return true;
    level = row.level;
  }
  return false;
}
