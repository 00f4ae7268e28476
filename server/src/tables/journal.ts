/**
 * How to take back what a batch did in memory: one closure a step, undone last first. A group that is refused, or a
 * REST write of several changes, goes back to its mark; nothing of it ever reached SQL.
 */
export class Journal {
  readonly #undo: (() => void)[] = [];
  /** Nothing can be taken back that came before the first mark, so until then nobody needs to say how. */
  isOpen = false;

  mark(): number {
    this.isOpen = true;
    return this.#undo.length;
  }

  record(undo: () => void): void {
    if (this.isOpen) this.#undo.push(undo);
  }

  rollback(mark: number): void {
    while (this.#undo.length > mark) this.#undo.pop()?.();
  }
}
