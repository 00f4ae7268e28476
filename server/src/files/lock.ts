/** Runs one at a time what has the same name, in the order in which it came; different names do not wait. */
export class NamedLock {
  readonly #tails = new Map<string, Promise<unknown>>();

  async hold<T>(name: string, held: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(name) ?? Promise.resolve();
    // Whether the one before failed is its caller's affair.
    const mine = before.then(held, held);
    this.#tails.set(name, mine);
    try {
      return await mine;
    } finally {
      if (this.#tails.get(name) === mine) this.#tails.delete(name);
    }
  }
}
