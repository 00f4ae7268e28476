import type { Id } from '@cambium/protocol';
import { Dexie, type Table } from 'dexie';
import { sha256 } from 'hash-wasm';
import type { ClientDeps } from './deps.ts';
import type { Transport } from './sync/transport.ts';

export interface User {
  id: Id;
  username: string;
}

interface Login extends User {
  /** SHA-256 of server and token: the token itself is not kept here. */
  token_hash: string;
}

/**
 * Whose token this is. Known tokens are answered from this device, so that a client opens offline; others are asked
 * for. Throws what the transport throws.
 */
export async function userOf(name: string, transport: Transport, deps: ClientDeps): Promise<User & { known: boolean }> {
  const db = new Dexie(name, { indexedDB: deps.indexedDB, IDBKeyRange: deps.IDBKeyRange });
  db.version(1).stores({ login: 'token_hash' });
  const logins = db.table('login') as Table<Login, string>;
  try {
    const token_hash = await sha256(`${transport.server}\n${transport.token}`);
    const login = await logins.get(token_hash);
    if (login) return { id: login.id, username: login.username, known: true };
    const { id, username } = await transport.get<User>('/api/user/me');
    await logins.put({ token_hash, id, username });
    return { id, username, known: false };
  } finally {
    db.close();
  }
}
