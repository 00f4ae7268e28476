import { published } from './content.ts';
import type { TreeNode } from './node.ts';
import type { Overlay } from './overlay.ts';

/**
 * Publishes a channel within the batch, in which it can be undone like any other operation: rows that are loaded
 * change now, rows that are loaded later change on their way in, and all others change by one statement at flush.
 */
export function publish(overlay: Overlay, channel: number): void {
  const before = new Map<TreeNode, Pick<TreeNode, 'stored' | 'content'>>();
  const first = !overlay.publishing.has(channel);
  overlay.publishing.add(channel);
  for (const node of [...overlay.nodes.values(), ...overlay.fresh]) {
    const { stored, content } = node;
    if (node.channel !== channel || !content) continue;
    before.set(node, { stored, content });
    if (stored) node.stored = published(stored);
    node.content = content === stored ? node.stored : published(content);
  }
  overlay.journal.push(() => {
    if (first) overlay.publishing.delete(channel);
    for (const node of [...overlay.nodes.values(), ...overlay.fresh]) {
      if (node.channel !== channel) continue;
      const was = before.get(node);
      if (was) Object.assign(node, was);
      // Loaded since, as published: to be loaded again.
      else if (first) node.stored = node.content = undefined;
    }
  });
}

/** What `publish` left to the database. Comes before any other write, so that all differences are against its result. */
export function publishStored(overlay: Overlay): number {
  let updated = 0;
  for (const channel of overlay.publishing) {
    if (overlay.removedChannels.has(channel)) continue;
    updated += overlay.statements.publish.run(channel).changes;
    overlay.statements.clearChangedCounts.run(channel);
    overlay.statements.countChanged.run(channel);
  }
  return updated;
}
