interface Request {
  owner: object;
  start(): void;
}

interface Held {
  owner: object;
  /** Ends the holder's promise although it still runs. */
  lose(reason: Error): void;
}

/**
 * The lock manager of one browser: what Web Locks do, for the tabs of one device. A tab that dies gives back what it
 * held and is asked no more.
 */
export class BrowserLocks {
  readonly #held = new Map<string, Held>();
  readonly #waiting = new Map<string, Request[]>();

  hold<T>(
    owner: object,
    name: string,
    options: { steal?: boolean; signal?: AbortSignal },
    held: () => Promise<T>,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const { steal = false, signal } = options;
      if (signal?.aborted) {
        reject(abortError());
        return;
      }
      const request: Request = {
        owner,
        start: () => {
          signal?.removeEventListener('abort', giveUp);
          const mine: Held = { owner, lose: reject };
          this.#held.set(name, mine);
          void held()
            .then(resolve, reject)
            .finally(() => this.#release(name, mine));
        },
      };
      const giveUp = () => {
        this.#waiting.set(
          name,
          this.#queue(name).filter((one) => one !== request),
        );
        reject(abortError());
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      if (steal) {
        this.#held.get(name)?.lose(abortError());
        request.start();
      } else if (this.#held.has(name)) this.#queue(name).push(request);
      else request.start();
    });
  }

  releaseAll(owner: object): void {
    for (const [name, requests] of this.#waiting) {
      this.#waiting.set(
        name,
        requests.filter((one) => one.owner !== owner),
      );
    }
    for (const [name, held] of this.#held) if (held.owner === owner) this.#release(name, held);
  }

  #queue(name: string): Request[] {
    const queue = this.#waiting.get(name) ?? [];
    this.#waiting.set(name, queue);
    return queue;
  }

  #release(name: string, held: Held): void {
    // A holder that was robbed has nothing to give back.
    if (this.#held.get(name) !== held) return;
    this.#held.delete(name);
    this.#queue(name).shift()?.start();
  }
}

function abortError(): Error {
  return new DOMException('The lock was not granted or was stolen.', 'AbortError');
}
