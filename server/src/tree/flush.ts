import { countChanges } from './counts.ts';
import { giveLabels, type LabelStats } from './labels.ts';
import type { Overlay } from './overlay.ts';
import { publishStored } from './publish.ts';
import type { LabelSpace } from './run.ts';
import { settle } from './settle.ts';
import { write, type Written } from './write.ts';

/** What a flush wrote: rows, each counted once, and how often labels had to make room. */
export type FlushStats = Written &
  LabelStats & {
    /** Rows that publishing changed in one statement. */
    published: number;
  };

/** Brings the batch into the database: order becomes labels, changes become counts, and each touched row is written once. */
export function flush(overlay: Overlay, space: LabelSpace): FlushStats {
  if (overlay.removedChannels.size > 0) {
    for (const node of [...overlay.nodes.values(), ...overlay.fresh]) {
      if (overlay.removedChannels.has(node.channel)) node.dead = true;
    }
  }
  const published = publishStored(overlay);
  const settled = settle(overlay);
  const removed = overlay.removals.reduce((count, { nodes }) => count + nodes.length, 0);
  const labels = giveLabels(overlay, space, settled.unlabelled, 2 * removed + settled.relabelled);
  countChanges(overlay);
  const written = write(overlay);
  overlay.reset();
  return { ...written, ...labels, published };
}
