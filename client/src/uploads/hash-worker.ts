import type { Digests, Hasher } from './hash.ts';
import { inlineHasher } from './hash.ts';

/** The part of a Web Worker that is used here. */
export interface HashWorker {
  postMessage(message: ArrayBuffer | null, transfer?: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: { data: HashReply }) => void): void;
  addEventListener(type: 'error', listener: (event: { message: string }) => void): void;
  terminate(): void;
}

/** Null after each slice, the digests at the end. */
export type HashReply = Digests | null;

/** What the worker's own script calls: hashes every buffer that it is sent, answers null with the digests. */
export function serveHasher(scope: {
  onmessage: ((event: MessageEvent<ArrayBuffer | null>) => void) | null;
  postMessage(reply: HashReply): void;
}): void {
  const hasher = inlineHasher();
  let turn: Promise<unknown> = hasher;
  scope.onmessage = ({ data }) => {
    turn = turn.then(async () => {
      if (data === null) return scope.postMessage(await (await hasher).finish());
      await (await hasher).update(data);
      scope.postMessage(null);
    });
  };
}

/** Hashes in a worker. Takes over the buffers that it is given: they are empty afterwards. */
export function workerHasher(worker: HashWorker): Hasher {
  const waiting: { resolve: (reply: HashReply) => void; reject: (error: Error) => void }[] = [];
  worker.addEventListener('message', ({ data }) => waiting.shift()?.resolve(data));
  worker.addEventListener('error', ({ message }) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`the hash worker failed: ${message}`));
  });
  const ask = (bytes: ArrayBuffer | null): Promise<HashReply> =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      worker.postMessage(bytes, bytes ? [bytes] : []);
    });
  return {
    update: async (bytes) => void (await ask(bytes)),
    finish: async () => (await ask(null)) as Digests,
    close: () => worker.terminate(),
  };
}
