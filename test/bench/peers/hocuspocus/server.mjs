import { join } from 'node:path';
import { SQLite } from '@hocuspocus/extension-sqlite';
import { Server } from '@hocuspocus/server';
import Sqlite from 'better-sqlite3';
import * as Y from 'yjs';
import { digestOf } from '../nodes.mjs';

/** A document for each channel, of a map of maps; SQLite gets the whole document when it has been quiet (2 s). */
export async function serve(folder, channels) {
  const file = join(folder, 'documents.db');
  const server = new Server({
    address: '127.0.0.1',
    port: 0,
    quiet: true,
    stopOnSignals: false,
    extensions: [new SQLite({ database: file })],
  });
  await server.listen();
  const open = () => [...server.hocuspocus.documents.values()];
  return {
    url: `ws://127.0.0.1:${server.address.port}`,
    rows: () => open().reduce((sum, document) => sum + document.getMap('nodes').size, 0),
    async stop() {
      server.hocuspocus.flushPendingStores();
      await server.destroy();
      const db = new Sqlite(file, { readonly: true });
      const stored = db.prepare('SELECT data FROM documents').pluck().all();
      if (stored.length !== channels) throw new Error(`${stored.length} documents instead of ${channels}`);
      db.close();
      return digestOf(stored.flatMap(nodesIn));
    },
  };
}

function nodesIn(data) {
  const document = new Y.Doc();
  Y.applyUpdate(document, data);
  return [...document.getMap('nodes').entries()].map(([id, map]) => ({ id, ...map.toJSON() }));
}
