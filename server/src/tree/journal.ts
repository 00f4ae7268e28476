/** A point to come back to. Good until the batch is flushed or goes back to an earlier one. */
export interface Mark {
  readonly length: number;
  readonly epoch: number;
}

/**
 * Undoes operations, the last one first.
 *
 * Every inverse puts back exactly the pointers and values that its operation overwrote, and the state it finds is the
 * one its operation left, because all later ones are undone already. What was loaded in between stays: an operation
 * resolves a pointer before it overwrites it, so a pointer that was undefined when something was loaded had been
 * overwritten by nobody, neither by operations that remain nor by those that are undone. The pair so joined was
 * adjacent at the mark too, as the database says; if a later operation parted it, its inverse joins it again. So no
 * pointer ever goes back to undefined, and none needs to.
 */
export class Journal {
  #inverses: (() => void)[] = [];
  #epoch = 0;
  /** Nothing can be undone that came before the first mark, so until then nobody needs to say how. */
  isOpen = false;

  push(inverse: () => void): void {
    this.#inverses.push(inverse);
  }

  mark(): Mark {
    this.isOpen = true;
    return { length: this.#inverses.length, epoch: this.#epoch };
  }

  rollback(mark: Mark): void {
    if (mark.epoch !== this.#epoch || mark.length > this.#inverses.length)
      throw new Error('the mark is no longer good');
    while (this.#inverses.length > mark.length) this.#inverses.pop()?.();
  }

  /** Nothing before this can be undone any more. */
  close(): void {
    this.#inverses = [];
    this.isOpen = false;
    this.#epoch += 1;
  }
}
