import { Refusal } from '@cambium/protocol';
import { Waiting } from './bound.ts';
import type { Answer, Job } from './job.ts';
import type { Commands, CommitRequest, CommitResult, Committed, SyncAnswer, User, Writer } from './writer.ts';

/** How a job reaches the core: within this thread, or in another. */
export interface Carrier {
  send(job: Job): Promise<Answer>;
  close(): Promise<void>;
}

/** A Writer over any carrier: bounds what waits, turns answers into results or refusals, tells listeners. */
export class QueuedWriter implements Writer {
  readonly #carrier: Carrier;
  readonly #waiting = new Waiting();
  readonly #listeners = new Set<(committed: Committed) => void>();
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  /** `connect` gets the function that the carrier calls after each commit, before it answers the jobs of it. */
  constructor(connect: (onCommitted: (committed: Committed) => void) => Carrier) {
    this.#carrier = connect((committed) => {
      if (committed.heads.length === 0 && committed.roles.length === 0) return;
      for (const listener of this.#listeners) listener(committed);
    });
  }

  sync(user: User, body: Uint8Array): Promise<SyncAnswer> {
    return this.#run<SyncAnswer>({ kind: 'sync', user, body });
  }

  commit(request: CommitRequest): Promise<CommitResult> {
    return this.#run<CommitResult>({ kind: 'commit', request });
  }

  command<Name extends keyof Commands>(name: Name, input: Commands[Name]['input']): Promise<Commands[Name]['output']> {
    return this.#run<Commands[Name]['output']>({ kind: 'command', name, input });
  }

  onCommitted(listener: (committed: Committed) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends when everything that was accepted is answered. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#running);
    await this.#carrier.close();
  }

  async #run<T>(job: Job): Promise<T> {
    if (this.#closed) throw new Refusal('busy', { message: 'The server is stopping.' });
    const leave = this.#waiting.enter(job);
    const running = this.#carrier.send(job);
    this.#running.add(running);
    try {
      const answer = await running;
      if (answer.ok) return answer.value as T;
      const { code, ...more } = answer.error;
      throw new Refusal(code, more);
    } finally {
      this.#running.delete(running);
      leave();
    }
  }
}
