import { createContext, type ReactNode, useMemo } from 'react';

import { useChannel, useClient } from './client.ts';
import { useLive } from './live.ts';

/**
 * What the user may do with the open channel: `view` is reading alone; `gone` is a channel that the server no longer
 * shows: edits are possible, and stay on this device until it does again.
 */
export type Access = 'edit' | 'view' | 'gone';

export const READ_ONLY = 'You may view this channel, but not change it.';

const BANNER: Record<Access, string | null> = {
  edit: null,
  view: `${READ_ONLY} Ask one of its owners for the right to edit.`,
  gone: 'This channel was deleted, or is no longer shared with you. What this device has of it is kept.',
};

/** Outside of a channel there is nothing that one might not do. */
export const AccessContext = createContext<Access>('edit');

/** The access to the open channel, and the words about it above what it concerns. */
export function useAccess(): { access: Access; banner: ReactNode } {
  const client = useClient();
  const channel = useChannel();
  const isAvailable = useLive(useMemo(() => channel.isAvailable$, [channel])) ?? true;
  const role = useLive(client.channels$)?.find(({ id }) => id === channel.id)?.role;
  // To the administrator the server refuses nothing, whatever the list of members says.
  const isViewer = role === 'viewer' && client.user.username !== 'admin';
  const access = !isAvailable ? 'gone' : isViewer ? 'view' : 'edit';
  const words = BANNER[access];
  return {
    access,
    banner: words && (
      <p className="access" role="status">
        {words}
      </p>
    ),
  };
}
