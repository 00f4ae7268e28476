import { Refusal } from '@cambium/protocol';
import type { Job } from './job.ts';

/** Jobs and bytes that may wait for the writer; beyond them a request is told to come again. */
const MOST_JOBS = 4_000;
const MOST_BYTES = 268_435_456;

/** Seconds after which a request that was told `busy` should come again. */
export const RETRY_AFTER = 1;

/** Counts what waits, so that a flood is refused early instead of filling memory. */
export class Waiting {
  #jobs = 0;
  #bytes = 0;

  /** Takes a place in the queue, or throws `busy`; the returned function gives it back. */
  enter(job: Job): () => void {
    const bytes = job.kind === 'sync' ? job.body.byteLength : 0;
    if (this.#jobs >= MOST_JOBS || this.#bytes + bytes > MOST_BYTES) {
      throw new Refusal('busy', { details: { retry_after: RETRY_AFTER } });
    }
    this.#jobs += 1;
    this.#bytes += bytes;
    return () => {
      this.#jobs -= 1;
      this.#bytes -= bytes;
    };
  }
}
