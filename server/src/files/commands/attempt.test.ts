import Sqlite from 'better-sqlite3';
import { Refusal } from '@cambium/protocol';
import { expect, it } from 'vitest';
import { testWorld } from '../../sync/testing/world.ts';
import { attempt } from './attempt.ts';

it('keeps what was done, takes back what is refused, and tells the very error that ended the transaction', async () => {
  const { connection, owner } = await testWorld();
  const { raw: db } = connection;
  const by = { user: owner.pk, now: '2026-01-01T00:00:00.000Z' };
  const note = (key: string) => db.prepare(`INSERT INTO meta(key, value) VALUES(?, '')`).run(key);
  const keys = () => db.prepare(`SELECT key FROM meta WHERE key LIKE 'test-%' ORDER BY key`).pluck().all();

  db.exec('BEGIN IMMEDIATE');
  expect(attempt(db, by, () => note('test-1'))).toBeNull();
  const refusal = new Refusal('not_found');
  const refused = attempt(db, by, () => {
    note('test-2');
    throw refusal;
  });
  expect(refused).toBe(refusal);
  expect(keys()).toEqual(['test-1']);

  const full = new Sqlite.SqliteError('database or disk is full', 'SQLITE_FULL');
  const fill = () => {
    db.exec('ROLLBACK');
    throw full;
  };
  expect(() => attempt(db, by, fill)).toThrow(full);
  connection.close();
});
