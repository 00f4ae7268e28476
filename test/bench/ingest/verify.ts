import { checkTree } from '@cambium/server/tree';
import Sqlite from 'better-sqlite3';

/** Everything that is wrong with what a run left behind: gaps of the logs, trees, and changes that are not there. */
export function problemsOf(file: string, expected: number): string[] {
  const db = new Sqlite(file, { readonly: true });
  try {
    const problems: string[] = checkTree(db).map(({ rule, id }) => `${rule} at ${id}`);
    const gaps = db
      .prepare<[], { id: string; head: number; count: number; last: number }>(
        `SELECT c.id, c.head, count(*) AS count, max(l.rev) AS last FROM channel c JOIN change_log l ON l.channel = c.pk GROUP BY c.pk
         HAVING count(*) <> c.head OR max(l.rev) <> c.head`,
      )
      .all();
    problems.push(
      ...gaps.map(({ id, head, count }) => `the log of ${id} has ${count} entries and its head is ${head}`),
    );
    const outcomes = db.prepare('SELECT total(last - first + 1) FROM outcome').pluck().get() as number;
    const entries = db.prepare('SELECT count(*) FROM change_log').pluck().get() as number;
    if (outcomes !== expected) problems.push(`${outcomes} outcomes instead of ${expected}`);
    if (entries !== expected) problems.push(`${entries} log entries instead of ${expected}`);
    return problems;
  } finally {
    db.close();
  }
}
