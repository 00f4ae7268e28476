import { liveQuery } from 'dexie';

/**
 * Runs `work` with a signal that ends with `signal`, and also as soon as the query says that the work is in vain:
 * somebody gave the upload up meanwhile, in whichever tab. Tells which of both it was by `isInVain`.
 */
export async function whileWanted<T>(
  signal: AbortSignal,
  inVain: () => Promise<boolean>,
  work: (signal: AbortSignal, isInVain: () => boolean) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const end = (): void => own.abort(signal.reason);
  if (signal.aborted) end();
  signal.addEventListener('abort', end, { once: true });
  let isInVain = false;
  const watch = liveQuery(inVain).subscribe((answer) => {
    if (!answer) return;
    isInVain = true;
    own.abort();
  });
  try {
    return await work(own.signal, () => isInVain);
  } finally {
    watch.unsubscribe();
    signal.removeEventListener('abort', end);
  }
}
