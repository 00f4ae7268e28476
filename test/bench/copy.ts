/**
 * What the copy of a topic with 1,000 nodes costs: bytes that the author sends, bytes of the event that every other
 * client gets, and the time to a durable answer. The copies are counted at the end.
 *
 *   npx tsx --conditions=source test/bench/copy.ts [copies=40] [rounds=5]
 *
 * Uses the built server (`npm run build`).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkTree } from '@cambium/server/tree';
import Sqlite from 'better-sqlite3';
import { Client } from './ingest/author.ts';
import { Child } from './ingest/child.ts';
import { appliedIn, Connection } from './ingest/load.ts';
import { figureOf } from './report/figure.ts';
import { option, Report } from './report/report.ts';
import { idOf } from './tree/author.ts';

const COPIES = option('copies', 40);
const ROUNDS = option('rounds', 5);
const NODES = 1000;

const folder = mkdtempSync(join(tmpdir(), 'cambium-copy-'));
const child = await Child.start(folder, 'FULL');
const report = new Report('copy');
const connection = new Connection(child.url);
const client = new Client(1);
const [source, reader] = [idOf(1), idOf(2)];

async function send(changes: Parameters<Client['body']>[0]): Promise<number> {
  const body = client.body(changes);
  const answer = await connection.post('/api/sync', body);
  if (appliedIn([answer]) !== changes.length) throw new Error(answer.slice(0, 300));
  return body.length;
}

/** The entries after `rev`, as another client gets them. */
async function entriesAfter(rev: number): Promise<object[]> {
  const body = JSON.stringify({ client_id: reader, protocol: 1, changes: [], channel_revs: { [client.channel]: rev } });
  const { changes } = JSON.parse(await connection.post('/api/sync', Buffer.from(body))) as { changes: object[] };
  return changes;
}

let revs = 0;
let made = 0;

/** A topic of so many nodes: itself, 31 topics and their videos. */
async function plant(): Promise<void> {
  await send([client.makeChannel()]);
  const topic = client.insert(source, client.channel, 'topic');
  const topics = Array.from({ length: 31 }, (_, i) => client.insert(idOf(100 + i), source, 'topic'));
  const videos = Array.from({ length: NODES - 32 }, (_, i) =>
    client.insert(idOf(1000 + i), idOf(100 + (i % 31)), 'video'),
  );
  await send([topic, ...topics, ...videos]);
  revs = 1 + NODES;
}

const copy = () => client.copy(idOf(1e6 + (made += 1)), source, client.channel);

try {
  await plant();
  for (let i = 0; i < 5; i += 1) await send([copy()]);
  revs += 5;
  const medians: number[] = [];
  let sent = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const times: number[] = [];
    for (let i = 0; i < COPIES / ROUNDS; i += 1) {
      const change = copy();
      const start = performance.now();
      sent = await send([change]);
      times.push(performance.now() - start);
      const entries = await entriesAfter(revs);
      if (entries.length !== 1) throw new Error(`a copy came as ${entries.length} events`);
      revs += 1;
      if (i === 0 && round === ROUNDS - 1) {
        report.add({ what: 'request of the author', found: sent, unit: 'bytes', goal: '< 1,000' });
        const delivered = JSON.stringify(entries[0]).length;
        report.add({ what: 'event at another client', found: delivered, unit: 'bytes', goal: '< 1,000' });
      }
    }
    medians.push(figureOf(times).median);
  }
  report.add({ what: 'durable answer (FULL)', found: figureOf(medians), unit: 'ms', goal: '< 30' });
} finally {
  connection.close();
  await child.stop();
}

const db = new Sqlite(join(folder, 'cambium.db'), { readonly: true });
const nodes = db.prepare('SELECT count(*) FROM node').pluck().get() as number;
const violations = checkTree(db);
db.close();
rmSync(folder, { recursive: true });
if (nodes !== 1 + NODES * (made + 1)) throw new Error(`${nodes} nodes after ${made} copies`);
if (violations.length > 0) throw new Error(`${violations[0]?.rule} at ${violations[0]?.id}`);
report.end();
