import { parentPort, type MessagePort } from 'node:worker_threads';
import { examine } from '../sync/examine.ts';

const port = parentPort as MessagePort;

port.on('message', (body: Uint8Array | 'close') => {
  if (body === 'close') return port.close();
  const examined = examine(body);
  const bytes = examined ? [examined.digests, examined.plain] : [];
  port.postMessage(
    examined,
    bytes.map(({ buffer }) => buffer as ArrayBuffer),
  );
});
