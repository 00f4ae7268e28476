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
  reportError(error: unknown): void;
}): void {
  const hasher = inlineHasher();
  let turn: Promise<unknown> = hasher;
  scope.onmessage = ({ data }) => {
    turn = turn
      .then(async () => {
        if (data === null) return scope.postMessage(await (await hasher).finish());
        await (await hasher).update(data);
        scope.postMessage(null);
      })
      // A rejection stays inside of the worker; an error is told to the page, which waits for an answer.
      .catch((error: unknown) => scope.reportError(error));
  };
}

/** The worker is of no use, here or at all; what was handed to it is gone. */
export class HashWorkerFailed extends Error {
  constructor(message: string) {
    super(`the hash worker failed: ${message}`);
    this.name = 'HashWorkerFailed';
  }
}

/** Hashes in a worker. Takes over the buffers that it is given: they are empty afterwards. */
export function workerHasher(worker: HashWorker): Hasher {
  let failure: HashWorkerFailed | null = null;
  const waiting: { resolve: (reply: HashReply) => void; reject: (error: Error) => void }[] = [];
  worker.addEventListener('message', ({ data }) => waiting.shift()?.resolve(data));
  worker.addEventListener('error', ({ message }) => {
    // It may come before anything was asked, when the script does not load.
    failure = new HashWorkerFailed(message);
    for (const { reject } of waiting.splice(0)) reject(failure);
  });
  const ask = (bytes: ArrayBuffer | null): Promise<HashReply> =>
    new Promise((resolve, reject) => {
      if (failure) return reject(failure);
      waiting.push({ resolve, reject });
      worker.postMessage(bytes, bytes ? [bytes] : []);
    });
  return {
    update: async (bytes) => void (await ask(bytes)),
    finish: async () => (await ask(null)) as Digests,
    close: () => worker.terminate(),
  };
}
