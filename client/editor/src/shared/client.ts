import type { Channel, Client } from '@cambium/client';
import { createContext, useContext } from 'react';

export const ClientContext = createContext<Client | null>(null);
export const ChannelContext = createContext<Channel | null>(null);

export function useClient(): Client {
  const client = useContext(ClientContext);
  if (!client) throw new Error('outside of a session');
  return client;
}

export function useChannel(): Channel {
  const channel = useContext(ChannelContext);
  if (!channel) throw new Error('outside of a channel');
  return channel;
}
