import { createHash, type Hash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';

/** To the thread: more bytes of a hash, its end, or that nobody wants it any more. */
export type HashJob =
  | { id: number; block: number; update: SharedArrayBuffer; length: number }
  | { id: number; digest: true }
  | { id: number; drop: true };

/** From the thread: bytes were read and their memory is free again, or the digest in hex. */
export type HashAnswer = { id: number; block: number } | { id: number; digest: string };

const port = parentPort;
if (!port) throw new Error('the hasher runs in a thread of its own');
const { algorithm } = workerData as { algorithm: string };
const hashes = new Map<number, Hash>();

function hashOf(id: number): Hash {
  const found = hashes.get(id) ?? createHash(algorithm);
  hashes.set(id, found);
  return found;
}

port.on('message', (job: HashJob) => {
  if ('update' in job) {
    hashOf(job.id).update(new Uint8Array(job.update, 0, job.length));
    port.postMessage({ id: job.id, block: job.block } satisfies HashAnswer);
    return;
  }
  const hash = hashOf(job.id);
  hashes.delete(job.id);
  if ('digest' in job) port.postMessage({ id: job.id, digest: hash.digest('hex') } satisfies HashAnswer);
});
