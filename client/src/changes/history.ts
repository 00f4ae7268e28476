import { newId } from '@cambium/protocol';
import { BehaviorSubject, map, type Observable } from 'rxjs';
import { type Queue, transactQueue } from '../database/queue.ts';
import { enqueue, type NewChange } from './enqueue.ts';
import { inverseOf } from './inverse.ts';

/** Steps that can be taken back, one after another. */
const MOST = 100;

/** What this tab did to one channel, step by step, and how each step is taken back. */
export class History {
  readonly #queue: Queue;
  /** A step that cannot be taken back stands in the way of those before it. */
  readonly #steps = new BehaviorSubject<(NewChange[] | null)[]>([]);
  readonly canUndo$: Observable<boolean>;

  constructor(queue: Queue) {
    this.#queue = queue;
    this.canUndo$ = this.#steps.pipe(map((steps) => (steps.at(-1) ?? null) !== null));
  }

  /** Queues one change as a step of its own. */
  async do(change: NewChange): Promise<void> {
    const inverse = await transactQueue(this.#queue, async (queue) => {
      const found = await inverseOf(queue.db, change);
      await enqueue(queue, [change], { withBase: true });
      return found;
    });
    this.#push(inverse);
  }

  /** Notes a step that is not to be taken back. */
  close(): void {
    this.#push(null);
  }

  /**
   * Takes the last step back, by changes of its own: others see both, and what they did meanwhile stays.
   *
   * @returns whether there was one
   * @throws Refusal when it cannot be any more; the step is forgotten then
   */
  async undo(): Promise<boolean> {
    const inverse = this.#steps.value.at(-1) ?? null;
    if (inverse === null) return false;
    this.#steps.next(this.#steps.value.slice(0, -1));
    const { deps } = this.#queue;
    const group = inverse.length > 1 ? { group: newId(deps.clock.now(), deps.random) } : {};
    await enqueue(
      this.#queue,
      inverse.map((change) => ({ ...change, ...group })),
      { withBase: true },
    );
    return true;
  }

  #push(step: NewChange[] | null): void {
    this.#steps.next([...this.#steps.value, step].slice(-MOST));
  }
}
