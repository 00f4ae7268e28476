import type { Id } from '@cambium/protocol';
import { useState } from 'react';

import { Icon } from '../shared/icon.tsx';
import { NewChannel } from './new-channel.tsx';

/** What somebody without any channel sees: what one is, and how to come by one. */
export function NoChannel({ onCreated }: { onCreated: (id: Id) => void }) {
  const [creating, setCreating] = useState(false);
  return (
    <div className="empty">
      <Icon name="channel" />
      <h2>No channels yet</h2>
      <p>A channel is a tree of topics and materials that people edit together, online or not.</p>
      {creating ? (
        <NewChannel onCreated={onCreated} onClose={() => setCreating(false)} />
      ) : (
        <button className="button primary" onClick={() => setCreating(true)}>
          <Icon name="plus" /> Make a channel
        </button>
      )}
      <p className="hint">One that somebody shares with you appears here by itself.</p>
    </div>
  );
}
