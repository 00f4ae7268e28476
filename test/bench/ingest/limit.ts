import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { migrate, openDatabase } from '@cambium/server/database';
import Sqlite, { type Database } from 'better-sqlite3';
import type { Durability } from './child.ts';

export interface Limit {
  /** Changes a second. */
  rate: number;
  /** Microseconds of CPU for one change. */
  cpu: number;
}

/**
 * Writes the very rows that a run left (log entry and outcome of each change, and the nodes) into an empty database,
 * with nothing else to do: what SQLite and the disk allow at most. As many changes share a commit as shared a request.
 */
export async function replayRows(file: string, folder: string, size: number, synchronous: Durability): Promise<Limit> {
  const source = new Sqlite(file, { readonly: true });
  const path = join(folder, 'limit.db');
  for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
  const target = openDatabase(path, { synchronous });
  await migrate(target.db);
  target.raw.pragma('foreign_keys = OFF');
  const tables = ['outcome', 'change_log', 'node'].map((name) => rowsOf(source, target.raw, name));
  const changes = tables[1]?.rows.length ?? 0;
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  for (let from = 0; from < changes; from += size) {
    target.raw.exec('BEGIN IMMEDIATE');
    for (const { rows, insert } of tables) for (const row of rows.slice(from, from + size)) insert.run(row);
    target.raw.exec('COMMIT');
  }
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const used = process.cpuUsage(cpu);
  source.close();
  target.close();
  return { rate: changes / seconds, cpu: (used.user + used.system) / changes };
}

function rowsOf(source: Database, target: Database, table: string) {
  const rows = source.prepare<[], unknown[]>(`SELECT * FROM ${table}`).raw().all();
  const places = Array(rows[0]?.length ?? 1).fill('?');
  return { rows, insert: target.prepare(`INSERT INTO ${table} VALUES(${places.join(', ')})`) };
}

/** Durable appends of a page a second. */
export function syncRate(folder: string, times = 500): number {
  const path = join(folder, 'sync');
  const file = openSync(path, 'w');
  const page = Buffer.alloc(4096, 1);
  const start = process.hrtime.bigint();
  for (let i = 0; i < times; i += 1) {
    writeSync(file, page);
    fdatasyncSync(file);
  }
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  closeSync(file);
  rmSync(path);
  return times / seconds;
}
