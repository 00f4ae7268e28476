import { BLANK_NODE, type Id, type NodeRow } from '@cambium/protocol';
import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { migrations } from '../../database/migrations.ts';
import type { ChannelLookup } from '../batch.ts';

/** An id that is readable in a failure. */
export function testId(number: number): Id {
  return number.toString(16).padStart(32, '0');
}

/** A database with the real schema and empty channels 1 … `channels`; channel n has the id `testId(n)`. */
export async function testDatabase(channels: number, path = ':memory:'): Promise<Database.Database> {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database: db }) });
  for (const migration of Object.values(await migrations.getMigrations())) await migration.up(kysely);
  const insert = db.prepare(`INSERT INTO channel(pk, id, name, fields) VALUES (?, ?, 'channel', '{}')`);
  for (let pk = 1; pk <= channels; pk += 1) insert.run(pk, testId(pk));
  return db;
}

export const testChannels: ChannelLookup = { channelId: testId, channelPk: (id) => Number.parseInt(id, 16) };

export function testRow(id: Id, channel: Id, parent: Id | null, fields: Partial<NodeRow> = {}): NodeRow {
  return {
    ...BLANK_NODE,
    id,
    channel_id: channel,
    parent_id: parent,
    kind: 'topic',
    title: 'a title',
    node_id: id,
    content_id: id,
    complete: true,
    changed: true,
    published: false,
    modified: '2026-01-01T00:00:00.000Z',
    ...fields,
  };
}

/** Runs in one transaction; a failure rolls back. */
export function transaction<T>(db: Database.Database, work: () => T): T {
  return db.transaction(work).immediate();
}

/** Uniform whole numbers below `limit`, from a seed: mulberry32, which loses no bits in doubles. */
export function randomOf(seed: number): (limit: number) => number {
  let state = seed | 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), 1 | state);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) % limit;
  };
}
