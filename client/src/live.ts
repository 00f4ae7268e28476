import { liveQuery } from 'dexie';
import { from, type Observable } from 'rxjs';

/** The result of a query now, and again whenever a tab changes what it read. */
export function live<T>(query: () => Promise<T>): Observable<T> {
  // Dexie follows native awaits only of what is an async function itself: after the first, nothing would be observed.
  return from(liveQuery(async () => await query()));
}
