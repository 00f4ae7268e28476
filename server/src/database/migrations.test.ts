import { Migrator } from 'kysely';
import { expect, it } from 'vitest';
import { TestClient, testDeps } from '../sync/testing/world.ts';
import { inlineWriter } from '../writer/inline.ts';
import { ensureServerId } from './identity.ts';
import { migrations } from './migrations.ts';
import { isCurrent, migrate, openDatabase } from './open.ts';

it('what became of a change is remembered from a database in which each outcome had a row of its own', async () => {
  const { db, raw, close } = openDatabase(':memory:');
  const { error } = await new Migrator({ db, provider: migrations }).migrateTo('0007_facts_go');
  expect(error).toBeUndefined();
  ensureServerId(raw, testDeps());
  raw.exec(`INSERT INTO user(pk, id, username, storage_limit, created) VALUES(1, '${'b'.repeat(32)}', 'u', 0, '')`);
  const client = new TestClient(inlineWriter(raw, testDeps()), {
    pk: 1,
    id: 'b'.repeat(32),
    username: 'u',
    admin: false,
  });
  const digest = (text: string) => Buffer.from(text, 'hex');
  raw
    .prepare(`INSERT INTO client(pk, user, client_id, acked_rev, last_rev, seen) VALUES(7, 1, ?, 1, 3, '')`)
    .run(client.clientId);
  const add = raw.prepare(`INSERT INTO outcome(client, rev, digest, body) VALUES(7, ?, ?, ?)`);
  add.run(1, digest('00'.repeat(16)), null);
  add.run(3, digest('11'.repeat(16)), '{"rev":3,"status":"applied","server_rev":9}');

  await migrate(db);
  const rows = raw.prepare('SELECT client, first, last, lower(hex(digests)) AS digests, bodies FROM outcome').all();
  expect(rows).toEqual([
    { client: 7, first: 1, last: 1, digests: '00'.repeat(16), bodies: null },
    { client: 7, first: 3, last: 3, digests: '11'.repeat(16), bodies: '{"rev":3,"status":"applied","server_rev":9}' },
  ]);
  const channel = 'c'.repeat(32);
  const change = (rev: number) => ({ ...client.channel(channel), rev });
  expect(await client.verdicts(change(1), change(3))).toEqual(['rejected: rev_reused', 'rejected: rev_reused']);
  expect(await client.verdicts(change(2))).toEqual(['applied']);
  close();
});

it('migrations that are cut off in their midst leave nothing of themselves, and run again', async () => {
  const { db, raw, close } = openDatabase(':memory:');
  const tables = () => raw.prepare(`SELECT count(*) FROM sqlite_schema WHERE name LIKE 'omeka%'`).pluck().get();
  // In the way of the second table of the Omeka API, as a kill would be at that moment.
  raw.exec('CREATE TABLE omeka_text(x)');
  await expect(migrate(db)).rejects.toThrow('omeka_text already exists');
  expect(tables()).toBe(1);
  raw.exec('DROP TABLE omeka_text');
  await migrate(db);
  expect(await isCurrent(db)).toBe(true);
  close();
});
