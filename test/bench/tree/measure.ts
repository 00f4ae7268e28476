import { copyFileSync, rmSync } from 'node:fs';
import { NodeBatch } from '@cambium/server/tree';
import Sqlite, { type Database } from 'better-sqlite3';
import { CHANNEL, idOf } from './author.ts';

/** Looked up as the server does. */
const pks = new Map([[CHANNEL, 1]]);
const channels = { channelId: idOf, channelPk: (id: string) => pks.get(id) as number };

/** User and system time, milliseconds. */
export function cpu(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** Runs a batch in one transaction; returns the rows written. */
export function runBatch(db: Database, work: (batch: NodeBatch) => void): number {
  return db
    .transaction(() => {
      const batch = new NodeBatch(db, channels);
      work(batch);
      const { inserted, updated, deleted } = batch.flush();
      return inserted + updated + deleted;
    })
    .immediate();
}

/** Opens a database, or a fresh copy of `source`, with its pages read once. */
export function open(path: string, source?: string): Database {
  if (source) {
    for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
    copyFileSync(source, path);
  }
  const db = new Sqlite(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.pragma('cache_size = -262144');
  db.pragma('wal_autocheckpoint = 20000');
  db.prepare('SELECT sum(total_count), max(lft), max(id) FROM node WHERE channel = ?').get(channels.channelPk(CHANNEL));
  db.prepare('SELECT count(*) FROM node INDEXED BY node_parent_lft WHERE parent > 0').get();
  return db;
}
