import type { Database } from 'better-sqlite3';
import { newId, type Id } from '@cambium/protocol';
import type { ServerDeps } from '../deps.ts';
import { statement } from './statement.ts';

const READ = `SELECT value FROM meta WHERE key = 'server_id'`;

/** The id of this database: made once, so that clients notice when it is restored or made anew. */
export function serverId(raw: Database): Id {
  const found = statement<[], { value: string }>(raw, READ).get();
  if (!found) throw new Error('the database has no server_id: it was never set up');
  return found.value;
}

/** Makes the id unless there is one. */
export function ensureServerId(raw: Database, deps: Pick<ServerDeps, 'clock' | 'random'>): Id {
  const made = newId(deps.clock.now(), deps.random);
  statement(raw, `INSERT OR IGNORE INTO meta(key, value) VALUES('server_id', ?)`).run(made);
  return serverId(raw);
}
