import { type CambiumClient, openClient, type HashWorker } from '@cambium/client';
import { Refusal } from '@cambium/protocol';
import { useEffect, useState } from 'react';

import { findToken, forgetToken, keepToken } from './token.ts';

export type Session =
  { state: 'opening' } | { state: 'asking'; problem: string | null } | { state: 'open'; client: CambiumClient };

/** Opens the client with the token at hand, or asks for one. */
export function useSession() {
  const [token, setToken] = useState(findToken);
  const [session, setSession] = useState<Session>(token ? { state: 'opening' } : { state: 'asking', problem: null });

  useEffect(() => {
    if (!token) return;
    let gone = false;
    const opening = openClient({ server: location.origin, token, hashWorker });
    opening.then(
      (client) => {
        if (gone) return;
        setSession({ state: 'open', client });
        // The list of channels is refreshed whenever the page opens; offline the kept one does.
        client.refreshChannels().catch((error: unknown) => {
          if (error instanceof Refusal && error.status === 401) refuse(error.message);
        });
      },
      (error: unknown) => !gone && refuse(error instanceof Error ? error.message : String(error)),
    );
    const refuse = (problem: string) => {
      setToken(null);
      setSession({ state: 'asking', problem });
    };
    return () => {
      gone = true;
      void opening.then(
        (client) => client.close(),
        () => undefined, // Told above.
      );
    };
  }, [token]);

  return {
    session,
    signIn: (given: string) => {
      keepToken(given);
      setSession({ state: 'opening' });
      setToken(given);
    },
    /** Forgets the token. What is kept for this user stays, and waits for the next sign-in. */
    signOut: () => {
      forgetToken();
      setToken(null);
      setSession({ state: 'asking', problem: null });
    },
  };
}

function hashWorker(): HashWorker {
  return new Worker(new URL('./hash.worker.ts', import.meta.url), { type: 'module' }) as unknown as HashWorker;
}
