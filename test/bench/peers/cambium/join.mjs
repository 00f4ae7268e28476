import { nodeDeps, openClient } from '@cambium/client';
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { Client } from '../../ingest/author.ts';
import { TOKEN } from '../../ingest/child.ts';

/** The client library, over IndexedDB in memory (fake-indexeddb, which Node has instead of a browser's). */
export async function join(url) {
  const deps = nodeDeps({ indexedDB: new IDBFactory(), IDBKeyRange });
  const client = await openClient({ server: url, token: TOKEN, autoSync: false, deps });
  return {
    pull: () => client.follow(new Client(1).channel),
    async nodes() {
      const rows = await client.database.contentnode.toArray();
      return rows.filter((row) => row.parent_id !== null).map((row) => ({ ...row, parent: row.parent_id }));
    },
  };
}
