/**
 * How long a new device waits for all of a channel: 100,000 nodes over HTTP or WebSocket by the client that each system
 * has, into what that client stores them in. Who has not got them after `patience` seconds is given up. What arrived is held against what was sent, node for node.
 *
 *   node test/bench/peers/run.mjs sync [sync-nodes=100000] [rounds=5] [patience=60] [only=REGEXP]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { figureOf } from '../report/figure.ts';
import { option, Report } from '../report/report.ts';
import { Guest } from './guest.mjs';
import { batchesOf, digestOf, nodesOf } from './nodes.mjs';

const NODES = option('sync-nodes', 100_000);
const ROUNDS = option('rounds', 5);
/** Seconds after which a device that has not got everything is given up. */
const PATIENCE = option('patience', 60);
const ONLY = new RegExp(option('only', ''));

const SYSTEMS = [
  { name: 'Cambium', server: 'cambium', module: 'cambium/join', into: 'fake-indexeddb, in memory' },
  { name: 'Cambium, snapshot only', server: 'cambium', module: 'cambium/join-raw', into: 'an array' },
  { name: 'express-pouchdb 4.2.0', server: 'pouchdb', module: 'pouchdb/join', into: 'LevelDB, on disk' },
  { name: 'rxdb-server 15.22.0', server: 'rxdb', module: 'rxdb/join', into: 'its memory storage' },
  { name: 'Hocuspocus 4.7.0', server: 'hocuspocus', module: 'hocuspocus/join', into: 'a Y.Doc, in memory' },
  { name: 'TinyBase 10.0.1', server: 'tinybase', module: 'tinybase/join', into: 'a store, in memory' },
];

const folder = mkdtempSync(join(tmpdir(), 'cambium-sync-'));
const sent = nodesOf(1, NODES);
const expected = digestOf(sent);

async function newcomer(module, url) {
  const local = join(folder, 'newcomer');
  rmSync(local, { recursive: true, force: true });
  mkdirSync(local);
  const child = fork(fileURLToPath(new URL('newcomer.mjs', import.meta.url)), [module, url, local]);
  const stop = setTimeout(() => child.kill('SIGKILL'), PATIENCE * 1000);
  const [answer] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      if (code === null) return [null];
      throw new Error(`${module} ended with ${code}`);
    }),
  ]);
  clearTimeout(stop);
  if (answer === null) return null;
  if (answer.digest !== expected) throw new Error(`${module} holds ${answer.digest} instead of ${expected}`);
  return answer;
}

const report = new Report('sync');
try {
  for (const { name, server, module, into } of SYSTEMS.filter((system) => ONLY.test(system.name))) {
    const guest = await Guest.start(server, join(folder, 'data'), 1);
    try {
      const { line } = await import(`./${server}/client.mjs`);
      const batches = batchesOf(sent, 1000);
      const author = await line(guest.url, 1, batches);
      await author.run(0, batches.length);
      while ((await guest.rows()) < NODES) await new Promise((resolve) => setTimeout(resolve, 50));
      const runs = [];
      for (let round = 0; round < ROUNDS && !runs.includes(null); round += 1)
        runs.push(await newcomer(module, guest.url));
      const figure = (of) => (runs.includes(null) ? `not within ${PATIENCE} s` : figureOf(runs.map(of)));
      report.add({
        system: name,
        seconds: figure(({ seconds }) => seconds),
        'nodes/s': figure(({ seconds }) => NODES / seconds),
        'memory of the device, MiB': figure(({ memory }) => memory / 2 ** 20),
        into,
      });
      author.close();
      await guest.stop();
    } catch (error) {
      guest.kill();
      throw error;
    }
  }
  report.end();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
