import { writeAuthentication } from '@hocuspocus/common';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { writeSyncStep1, writeUpdate } from 'y-protocols/sync';
import { WebSocket } from 'ws';
import * as Y from 'yjs';

const [SYNC, AUTH, SYNC_STATUS] = [0, 2, 8];

/** A transaction a batch. The messages are those of its provider, made before the clock runs. */
export async function line(url, channel, batches) {
  const name = `c${channel}`;
  const updates = updatesOf(batches).map((update) => message(name, SYNC, (to) => writeUpdate(to, update)));
  const socket = new WebSocket(url);
  socket.binaryType = 'nodebuffer';
  let saved = 0;
  let wake = () => undefined;
  socket.on('message', (data) => {
    const from = decoding.createDecoder(data);
    decoding.readVarString(from);
    if (decoding.readVarUint(from) === SYNC_STATUS && decoding.readVarUint(from) === 1) saved += 1;
    wake();
  });
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  socket.send(
    message(name, AUTH, (to) => {
      writeAuthentication(to, 'anybody');
      encoding.writeVarString(to, '4.7.0');
    }),
  );
  const send = async (bytes) => {
    const before = saved;
    socket.send(bytes);
    while (saved === before) await new Promise((resolve) => (wake = resolve));
  };
  socket.send(message(name, SYNC, (to) => writeSyncStep1(to, new Y.Doc())));
  // An update of nothing is answered too: then the document is open.
  await send(message(name, SYNC, (to) => writeUpdate(to, Y.encodeStateAsUpdate(new Y.Doc()))));
  const opened = saved;
  return {
    async run(from, to) {
      for (const update of updates.slice(from, to)) await send(update);
    },
    accepted: () => batches.slice(0, saved - opened).reduce((sum, batch) => sum + batch.length, 0),
    close: () => socket.close(),
  };
}

function updatesOf(batches) {
  const document = new Y.Doc();
  const nodes = document.getMap('nodes');
  const updates = [];
  document.on('update', (update) => updates.push(update));
  for (const batch of batches) {
    document.transact(() => {
      for (const { id, ...fields } of batch) nodes.set(id, new Y.Map(Object.entries(fields)));
    });
  }
  return updates;
}

function message(name, type, write) {
  const to = encoding.createEncoder();
  encoding.writeVarString(to, name);
  encoding.writeVarUint(to, type);
  write(to);
  return encoding.toUint8Array(to);
}
