import { createMergeableStore } from 'tinybase';
import { createWsSynchronizer } from 'tinybase/synchronizers/synchronizer-ws-client';
import { WebSocket } from 'ws';

/**
 * A transaction a batch. The frames are those of its own synchronizer, written down before the clock runs. Nothing
 * answers them, so all are sent at once; the load waits until the server's store holds every row.
 */
export async function line(url, channel, batches) {
  const frames = await framesOf(batches);
  const socket = new WebSocket(`${url}/c${channel}`);
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  return {
    async run(from, to) {
      for (const frame of frames.slice(from, to).flat()) {
        socket.send(frame);
        // What its own client would wait for: no more than a MiB on the way.
        while (socket.bufferedAmount > 2 ** 20) await new Promise((resolve) => setTimeout(resolve, 1));
      }
    },
    /** Nothing says what was accepted. */
    accepted: () => null,
    close: () => socket.close(),
  };
}

async function framesOf(batches) {
  const frames = [];
  const nothing = () => undefined;
  const paper = {
    OPEN: 1,
    readyState: 1,
    bufferedAmount: 0,
    send: (frame) => frames.push(frame),
    addEventListener: nothing,
    removeEventListener: nothing,
    close: nothing,
  };
  const store = createMergeableStore();
  const synchronizer = await createWsSynchronizer(store, paper, 0.01);
  await synchronizer.startSync();
  const framesOfBatches = [];
  for (const batch of batches) {
    frames.length = 0;
    store.transaction(() => {
      for (const { id, ...fields } of batch) store.setRow('nodes', id, fields);
    });
    while (frames.length === 0) await new Promise((resolve) => setImmediate(resolve));
    framesOfBatches.push([...frames]);
  }
  await synchronizer.destroy();
  return framesOfBatches;
}
