/**
 * How to take back what a batch did in memory: one closure a step, undone last first. A group that is refused, or a
 * REST write of several changes, goes back to its mark; nothing of it ever reached SQL.
 */
export class Journal {
  readonly #undo: (() => void)[] = [];

  mark(): number {
    return this.#undo.length;
  }

  record(undo: () => void): void {
    this.#undo.push(undo);
  }

  rollback(mark: number): void {
    while (this.#undo.length > mark) this.#undo.pop()?.();
  }
}
