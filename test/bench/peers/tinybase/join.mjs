import { createMergeableStore } from 'tinybase';
import { createWsSynchronizer } from 'tinybase/synchronizers/synchronizer-ws-client';
import { WebSocket } from 'ws';

/**
 * Its synchronizer, into a store in memory. A request may take a minute: by default, one of this size times out. Where an
 * answer is beyond the 16 MiB of a message, the connection ends and it goes on with nothing, so it is waited for.
 */
export async function join(url) {
  const store = createMergeableStore();
  return {
    async pull() {
      const socket = new WebSocket(`${url}/c1`, { maxPayload: 2 ** 28 });
      const synchronizer = await createWsSynchronizer(store, socket, 60);
      await synchronizer.startSync();
      while (store.getRowCount('nodes') === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    },
    nodes: () => Object.entries(store.getTable('nodes')).map(([id, row]) => ({ id, ...row })),
  };
}
