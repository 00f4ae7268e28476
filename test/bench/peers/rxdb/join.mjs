import { createRxDatabase } from 'rxdb';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { replicateServer } from 'rxdb-server/plugins/replication-server';
import { schema } from './schema.mjs';

/** Replication into a collection in memory, 1,000 documents a batch. */
export async function join(url) {
  const database = await createRxDatabase({ name: 'newcomer', storage: getRxStorageMemory() });
  const { c1 } = await database.addCollections({ c1: { schema } });
  return {
    async pull() {
      const replication = replicateServer({
        replicationIdentifier: 'newcomer',
        collection: c1,
        url: `${url}/c1/0`,
        pull: { batchSize: 1000 },
        live: false,
        waitForLeadership: false,
      });
      await replication.awaitInitialReplication();
    },
    nodes: async () => (await c1.find().exec()).map((doc) => doc.toJSON()),
  };
}
