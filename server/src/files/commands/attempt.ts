import type { Database } from 'better-sqlite3';
import { Refusal } from '@cambium/protocol';
import { readAccount } from '../usage.ts';

/** Does it or leaves no trace of it; the refusal, or null. Bytes that the user had already cost nothing. */
export function attempt(db: Database, { user, now }: { user: number; now: string }, work: () => void): Refusal | null {
  const before = readAccount(db, user, now).used;
  db.exec('SAVEPOINT attempt');
  try {
    work();
    const { used, limit } = readAccount(db, user, now);
    if (used > limit && used > before) throw new Refusal('quota_exceeded', { details: { used, limit } });
    return null;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    db.exec('ROLLBACK TO attempt');
    return error;
  } finally {
    // A full disk ends the transaction by itself; its own error is the one to tell then.
    if (db.inTransaction) db.exec('RELEASE attempt');
  }
}
