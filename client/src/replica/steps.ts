import { NotLoaded } from '@cambium/tree';

/**
 * A computation that now and then needs something loaded. It is no async function on purpose: a long row of awaits
 * with no request in between ends a Dexie transaction, so there is none unless something really has to be fetched.
 */
export type Steps<T> = Generator<NotLoaded, T, void>;

/** The result of a pure computation, started over until all it reads is loaded. */
export function* need<T>(compute: () => T): Steps<T> {
  for (;;) {
    try {
      return compute();
    } catch (error) {
      if (!(error instanceof NotLoaded)) throw error;
      yield error;
    }
  }
}

/** Runs steps inside a transaction: what they need is loaded, nothing else is awaited. */
export async function drive<T>(steps: Steps<T>): Promise<T> {
  let step = steps.next();
  while (!step.done) {
    await step.value.load();
    step = steps.next();
  }
  return step.value;
}
