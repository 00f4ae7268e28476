import { parentPort } from 'node:worker_threads';
import { Refusal, type ProtocolError } from '@cambium/protocol';
import { place, type Piece } from './place.ts';
import { unpack, type Unpacked } from './unpack.ts';

/** To the thread: take the pack at `path` apart, or give these of its members their places below `root`. */
export type PackJob = { path: string } | { path: string; root: string; pieces: readonly Piece[] };

/** What came of it. An error of the system is told by its code, for it does not pass between threads. */
export type PackAnswer =
  { unpacked: Unpacked } | { placed: true } | { refusal: ProtocolError } | { code: string; message: string };

const port = parentPort;
if (!port) throw new Error('packs are taken apart in a thread of its own');

async function answer(job: PackJob): Promise<PackAnswer> {
  try {
    if (!('pieces' in job)) return { unpacked: await unpack(job.path) };
    place(job.root, job.path, job.pieces);
    return { placed: true };
  } catch (error) {
    if (error instanceof Refusal) return { refusal: error.error };
    const { code, message } = error as NodeJS.ErrnoException;
    return { code: code ?? '', message };
  }
}

// One after the other: answers are told apart by their order alone.
let last: Promise<void> = Promise.resolve();
port.on('message', (job: PackJob) => {
  last = last.then(async () => port.postMessage(await answer(job)));
});
