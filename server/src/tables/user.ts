import type { Database } from 'better-sqlite3';
import type { Id } from '@cambium/protocol';
import { statement } from '../database/statement.ts';

/** The key of a user inside this database. Throws when there is none: ids come from rows or from authentication. */
export function userPkOf(db: Database, id: Id): number {
  const found = statement<[Id], { pk: number }>(db, `SELECT pk FROM user WHERE id = ?`).get(id);
  if (!found) throw new Error('a row names a user that does not exist');
  return found.pk;
}

export function userIdOf(db: Database, pk: number): Id {
  const found = statement<[number], { id: Id }>(db, `SELECT id FROM user WHERE pk = ?`).get(pk);
  if (!found) throw new Error('a row names a user that does not exist');
  return found.id;
}
