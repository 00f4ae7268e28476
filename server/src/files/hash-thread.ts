import { createHash, type Hash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';

/** To the thread: more bytes of a hash, its end, or that nobody wants it any more. `bytes` lie in shared memory. */
export type HashJob = { id: number; bytes: Uint8Array } | { id: number; digest: true } | { id: number; drop: true };

/** From the thread, for each job but `drop` and in their order: the digest in hex, or that the bytes were read. */
export type HashAnswer = { digest: string } | { read: true };

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
  const hash = hashOf(job.id);
  if ('bytes' in job) {
    hash.update(job.bytes);
    port.postMessage({ read: true } satisfies HashAnswer);
    return;
  }
  hashes.delete(job.id);
  if ('digest' in job) port.postMessage({ digest: hash.digest('hex') } satisfies HashAnswer);
});
