import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { readSettings, startServer } from '@cambium/server';
import Sqlite from 'better-sqlite3';
import { TOKEN } from '../../ingest/child.ts';
import { digestOf } from '../nodes.mjs';

export async function serve(folder) {
  // As `cambium serve` does.
  setFlagsFromString('--heap-growing-percent=50');
  const env = { DATA_DIR: folder, PORT: '0', ADMIN_TOKEN: TOKEN, LOG_LEVEL: 'error' };
  const server = await startServer(readSettings(env, folder), { synchronous: process.env.SYNCHRONOUS ?? 'FULL' });
  const file = join(folder, 'cambium.db');
  return {
    url: server.url,
    rows() {
      const db = new Sqlite(file, { readonly: true });
      const count = db.prepare('SELECT count(*) FROM node WHERE parent IS NOT NULL').pluck().get();
      db.close();
      return count;
    },
    async stop() {
      await server.stop();
      const db = new Sqlite(file, { readonly: true });
      const rows = db
        .prepare(
          `SELECT n.id, p.id AS parent, n.kind, n.title, json_extract(n.fields, '$.license') AS license
           FROM node n JOIN node p ON p.pk = n.parent`,
        )
        .all();
      db.close();
      return digestOf(rows);
    },
  };
}
