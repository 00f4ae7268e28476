import type { CambiumClient, Channel } from '@cambium/client';
import { createContext, useContext } from 'react';

export const ClientContext = createContext<CambiumClient | null>(null);
export const ChannelContext = createContext<Channel | null>(null);

export function useClient(): CambiumClient {
  const client = useContext(ClientContext);
  if (!client) throw new Error('outside of a session');
  return client;
}

export function useChannel(): Channel {
  const channel = useContext(ChannelContext);
  if (!channel) throw new Error('outside of a channel');
  return channel;
}
