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

  /** All of these names at once. Everybody takes them in one order, so that no two wait for each other. */
  async holdAll<T>(names: readonly string[], held: () => Promise<T>): Promise<T> {
    const ordered = [...new Set(names)].toSorted();
    return await ordered.reduceRight((inner, name) => () => this.hold(name, inner), held)();
  }
}
