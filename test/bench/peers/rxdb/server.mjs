import { createServer } from 'node:net';
import express from 'express';
import { createRxDatabase } from 'rxdb';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { RxServerAdapterExpress } from 'rxdb-server/plugins/adapter-express';
import { createRxServer } from 'rxdb-server/plugins/server';
import { digestOf } from '../nodes.mjs';
import { schema } from './schema.mjs';

/** Its own application takes bodies of 100 KB, less than 1,000 nodes are. */
const adapter = {
  ...RxServerAdapterExpress,
  create: async () => express().use(express.json({ limit: '16mb' })),
};

/** A collection for each channel, in memory: the storage that comes with RxDB and runs on a server without another. */
export async function serve(_, channels) {
  const database = await createRxDatabase({ name: 'bench', storage: getRxStorageMemory() });
  const names = Array.from({ length: channels }, (_, i) => `c${i + 1}`);
  const collections = await database.addCollections(Object.fromEntries(names.map((name) => [name, { schema }])));
  const port = await freePort();
  const server = await createRxServer({ database, adapter, hostname: '127.0.0.1', port });
  for (const name of names) await server.addReplicationEndpoint({ name, collection: collections[name] });
  await server.start();
  const all = () => Promise.all(names.map((name) => collections[name].find().exec()));
  return {
    url: `http://127.0.0.1:${port}`,
    rows: async () => (await all()).reduce((sum, docs) => sum + docs.length, 0),
    stop: async () => digestOf((await all()).flat().map((doc) => doc.toJSON())),
  };
}

/** It takes no 0 for its port. */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
