import { Unreachable } from '@cambium/client';
import type { Id } from '@cambium/protocol';
import { useEffect, useMemo, useState } from 'react';

import { OpenChannel } from './open-channel.tsx';
import { ChannelContext, useClient } from './shared/client.ts';
import { useLive } from './shared/live.ts';
import { useAttempt } from './shared/notice.tsx';
import { NoChannel } from './sidebar/no-channel.tsx';
import { Sidebar } from './sidebar/sidebar.tsx';

const LAST = 'cambium-channel';

/** Channels at the left, the open one beside them. */
export function Workbench({ onSignOut }: { onSignOut: () => void }) {
  const client = useClient();
  const attempt = useAttempt();
  const channels = useLive(client.channels$);
  const [chosen, choose] = useState<Id | null>(() => localStorage.getItem(LAST));
  const current = channels?.find(({ id }) => id === chosen)?.id ?? channels?.[0]?.id ?? null;
  const channel = useMemo(() => (current === null ? null : client.channel(current)), [client, current]);

  useEffect(() => {
    if (current === null) return;
    localStorage.setItem(LAST, current);
    attempt(() =>
      client.follow(current).catch((error: unknown) => {
        // It is followed all the same, from the next time that the server answers; the status says how that stands.
        if (!(error instanceof Unreachable)) throw error;
      }),
    );
  }, [client, current, attempt]);

  return (
    <div className="workbench">
      <Sidebar
        channels={channels}
        current={current}
        username={client.user.username}
        onOpen={choose}
        onSignOut={onSignOut}
      />
      {channel ? (
        <ChannelContext value={channel}>
          <OpenChannel key={channel.id} />
        </ChannelContext>
      ) : (
        <main className="no-channel">{channels && <NoChannel onCreated={choose} />}</main>
      )}
    </div>
  );
}
