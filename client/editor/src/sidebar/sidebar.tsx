import type { StoredChannel } from '@cambium/client';
import type { Id } from '@cambium/protocol';
import { useState } from 'react';

import { Icon } from '../shared/icon.tsx';
import { Mark } from '../shared/mark.tsx';
import { NewChannel } from './new-channel.tsx';

interface Props {
  channels: readonly StoredChannel[] | undefined;
  current: Id | null;
  username: string;
  onOpen: (id: Id) => void;
  onSignOut: () => void;
}

export function Sidebar({ channels, current, username, onOpen, onSignOut }: Props) {
  const [creating, setCreating] = useState(false);
  return (
    <nav className="sidebar" aria-label="Channels">
      <div className="brand">
        <Mark />
        <span>Cambium</span>
      </div>
      <div className="sidebar-head">
        <h2>Channels</h2>
        <button className="icon-button" aria-label="New channel" title="New channel" onClick={() => setCreating(true)}>
          <Icon name="plus" />
        </button>
      </div>
      {creating && <NewChannel onCreated={onOpen} onClose={() => setCreating(false)} />}
      <ul>
        {channels?.map((channel) => (
          <li key={channel.id}>
            <button
              className="channel"
              aria-current={channel.id === current ? 'page' : undefined}
              onClick={() => onOpen(channel.id)}
            >
              <Icon name="channel" />
              <span dir="auto" title={channel.name}>
                {channel.name.trim() || 'Untitled channel'}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <div className="sidebar-foot">
        <span title={`Signed in as ${username}`}>{username}</span>
        <button className="button small" onClick={onSignOut}>
          Sign out
        </button>
      </div>
    </nav>
  );
}
