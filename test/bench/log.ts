/**
 * What a client that is a thousand changes behind waits for, by the length of the log that it is behind in: a page of
 * 1,000 entries from a random place, over HTTP. SQLite is asked besides how it finds them.
 *
 *   npx tsx --conditions=source test/bench/log.ts [sizes=10000,1000000,10000000] [pulls=50] [rounds=5]
 *
 * Uses the built server (`npm run build`). Entries are short, and written past the server: 2 GB for ten million.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { Client } from './ingest/author.ts';
import { Child } from './ingest/child.ts';
import { Connection } from './ingest/load.ts';
import { figureOf } from './report/figure.ts';
import { option, Report } from './report/report.ts';
import { idOf, randomOf } from './tree/author.ts';

const SIZES = option('sizes', '10000,1000000,10000000').split(',').map(Number);
const PULLS = option('pulls', 50);
const ROUNDS = option('rounds', 5);
const PAGE = 1000;

const folder = mkdtempSync(join(tmpdir(), 'cambium-log-'));
const file = join(folder, 'cambium.db');
const report = new Report('log');
const client = new Client(1);
const random = randomOf(5);

/** Serves the folder as long as `work` takes. */
async function served<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
  const child = await Child.start(folder, 'FULL');
  const connection = new Connection(child.url);
  try {
    return await work(connection);
  } finally {
    connection.close();
    await child.stop();
  }
}

/** Makes the log so long; returns the plan of the query that pages are read with. */
function lengthen(to: number): string {
  const db = new Sqlite(file);
  db.pragma('synchronous = OFF');
  const { pk, head } = db.prepare<[], { pk: number; head: number }>('SELECT pk, head FROM channel LIMIT 1').get() ?? {
    pk: 0,
    head: 0,
  };
  const text = `'{"server_rev":' || rev || ',"client_id":null,"rev":null,"user_id":"${idOf(9)}","type":"UPDATED","table":"contentnode","key":"${client.channel}","channel_id":"${client.channel}","mods":{"title":"' || rev || '"},"at":"2026-01-01T00:00:00.000Z"}'`;
  db.prepare(
    `WITH RECURSIVE every(rev) AS (SELECT ? UNION ALL SELECT rev + 1 FROM every WHERE rev < ?)
     INSERT INTO change_log(channel, rev, prev, entry) SELECT ?, rev, 0, ${text} FROM every`,
  ).run(head + 1, to, pk);
  db.prepare('UPDATE channel SET head = ? WHERE pk = ?').run(to, pk);
  const plan = db
    .prepare<[], { detail: string }>(
      `EXPLAIN QUERY PLAN SELECT rev, entry FROM change_log WHERE channel = 1 AND rev > 5 ORDER BY rev LIMIT 100`,
    )
    .all();
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  return plan.map(({ detail }) => detail).join('; ');
}

/** Milliseconds of one page after a random rev. */
async function page(connection: Connection, size: number): Promise<number> {
  const after = random(size - PAGE);
  const request = { client_id: idOf(77), protocol: 1, changes: [], channel_revs: { [client.channel]: after } };
  const body = Buffer.from(JSON.stringify(request));
  const start = performance.now();
  const answer = await connection.post('/api/sync', body);
  const took = performance.now() - start;
  const { changes } = JSON.parse(answer) as { changes: { server_rev: number }[] };
  if (changes.length !== PAGE || changes.some(({ server_rev }, i) => server_rev !== after + 1 + i))
    throw new Error(`the page after ${after} is wrong`);
  return took;
}

try {
  await served((connection) => connection.post('/api/sync', client.body([client.makeChannel()])));
  for (const size of SIZES) {
    const plan = lengthen(size);
    const figures = await served(async (connection) => {
      for (let i = 0; i < PULLS; i += 1) await page(connection, size);
      const medians: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const times: number[] = [];
        for (let i = 0; i < PULLS; i += 1) times.push(await page(connection, size));
        medians.push(figureOf(times).median);
      }
      return figureOf(medians);
    });
    report.add({ 'entries of the log': size, 'ms for a page of 1,000': figures, 'how it is found': plan });
  }
  report.end();
} finally {
  rmSync(folder, { recursive: true });
}
