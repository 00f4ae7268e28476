import { createMergeableStore } from 'tinybase';
import { createCustomPersister, Persists } from 'tinybase/persisters';
import { createWsServer } from 'tinybase/synchronizers/synchronizer-ws-server';
import { WebSocketServer } from 'ws';
import { digestOf } from '../nodes.mjs';

/** A store for each channel, in the server's memory: its persisters write a whole store for each change. */
export async function serve() {
  const stores = [];
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload: 2 ** 28 });
  await new Promise((resolve) => sockets.on('listening', resolve));
  createWsServer(sockets, () => {
    const store = createMergeableStore();
    stores.push(store);
    const nothing = async () => undefined;
    return createCustomPersister(store, nothing, nothing, () => 0, nothing, undefined, Persists.MergeableStoreOnly);
  });
  return {
    url: `ws://127.0.0.1:${sockets.address().port}`,
    rows: () => stores.reduce((sum, store) => sum + store.getRowCount('nodes'), 0),
    stop: () =>
      digestOf(stores.flatMap((store) => Object.entries(store.getTable('nodes')).map(([id, row]) => ({ id, ...row })))),
  };
}
