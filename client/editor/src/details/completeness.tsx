import type { ShownNode } from '@cambium/client';
import { completeness } from '@cambium/protocol';
import { useMemo } from 'react';

import { useChannel } from '../shared/client.ts';
import { Icon } from '../shared/icon.tsx';
import { useLive } from '../shared/live.ts';

/** What a node still lacks before it can be published. */
export function Completeness({ node }: { node: ShownNode }) {
  const channel = useChannel();
  const files = useLive(useMemo(() => channel.files$(node.id), [channel, node.id]));
  const items = useLive(useMemo(() => channel.items$(node.id), [channel, node.id]));
  if (node.complete) {
    // Of a topic nothing else is expected, so nothing is said.
    if (node.kind === 'topic') return null;
    return (
      <p className="complete">
        <Icon name="check" /> Complete
      </p>
    );
  }
  const problems = completeness(node, { isRoot: false, files: () => files ?? [], items: () => items ?? [] });
  return (
    <div className="incomplete">
      <p>
        <Icon name="warning" /> Not complete yet
      </p>
      <p className="incomplete-why">It stays out of what is published until it has what it lacks:</p>
      <ul>
        {problems.map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
    </div>
  );
}
