import type { Database, Statement } from 'better-sqlite3';

const prepared = new WeakMap<Database, Map<string, Statement>>();

/** Lists of ids make texts of many lengths; beyond this many the whole cache is dropped and fills again. */
const MOST = 1_000;

/** The statement of this text, prepared once per connection. Values are bound, never written into the text. */
export function statement<Bind extends unknown[] = unknown[], Row = unknown>(
  db: Database,
  text: string,
): Statement<Bind, Row> {
  let own = prepared.get(db);
  if (!own) prepared.set(db, (own = new Map()));
  let found = own.get(text);
  if (!found) {
    if (own.size >= MOST) own.clear();
    own.set(text, (found = db.prepare(text)));
  }
  return found as Statement<Bind, Row>;
}
