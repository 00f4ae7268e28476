import { useEffect, useState } from 'react';
import type { Observable } from 'rxjs';

/**
 * The latest value of an observable; `undefined` until it has one, and again when another observable takes its place.
 * A failure of the observable is thrown into the render, where the error boundary shows it.
 */
export function useLive<T>(source: Observable<T> | null): T | undefined {
  const [state, setState] = useState<{ source: Observable<T>; value?: T; error?: unknown } | null>(null);
  useEffect(() => {
    if (!source) return;
    const subscription = source.subscribe({
      next: (value) => setState({ source, value }),
      error: (error: unknown) => setState({ source, error }),
    });
    return () => subscription.unsubscribe();
  }, [source]);
  if (state?.source !== source || !state) return undefined;
  if ('error' in state) throw state.error;
  return state.value;
}
