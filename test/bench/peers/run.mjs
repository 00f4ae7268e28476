/**
 * Every figure of docs/benchmarks.md, Cambium's and its peers', on one Node. Installs what it needs the first time.
 *
 *   node test/bench/peers/run.mjs [part …] [name=value …] [write=no]
 *
 * Without a part: all of them, some 25 minutes. An option goes to every part that is run (`rounds=1 nodes=3200
 * sizes=10000` makes a quick trial). Findings go to test/bench/results, tables and pictures to docs, unless `write=no`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';

/** Each with options of its own, which given ones override. */
const PARTS = {
  models: ['../models.ts'],
  batches: ['../tree.ts'],
  typeorm: ['typeorm.mjs'],
  ingest: ['ingest.mjs'],
  writes: ['../ingest.ts', 'only=^(mixed|(eight )?move in 100k nodes) FULL 1000?$'],
  sync: ['sync.mjs', 'rounds=3'],
  push: ['../push.ts'],
  copy: ['../copy.ts'],
  log: ['../log.ts'],
  mixed: ['../mixed.ts'],
  limit: ['../limit.ts'],
};

const given = process.argv.slice(2);
const options = given.filter((argument) => argument.includes('='));
const wanted = given.filter((argument) => !argument.includes('='));
for (const part of wanted) {
  if (!(part in PARTS)) throw new Error(`no part is named ${part}; there are ${Object.keys(PARTS).join(', ')}`);
}

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const node = install();
const folder = mkdtempSync(join(tmpdir(), 'cambium-bench-'));
const on22 = (script, more) => {
  // In the environment, so that servers in processes and threads of their own have it too.
  const NODE_OPTIONS = `--disable-warning=ExperimentalWarning --import ${new URL('sqlite.mjs', import.meta.url).href}`;
  const env = { ...process.env, NODE_OPTIONS };
  const { status } = spawnSync(node, [path(script), ...more], { stdio: 'inherit', env });
  if (status !== 0) throw new Error(`${script} ended with ${status}`);
};

try {
  for (const part of wanted.length > 0 ? wanted : Object.keys(PARTS)) {
    console.log(`\n# ${part}`);
    const file = join(folder, `${part}.json`);
    const [script, ...own] = PARTS[part];
    on22(script, [...options, ...own, `json=${file}`]);
    if (options.includes('write=no')) continue;
    writeFileSync(path(`../results/${part}.json`), `${JSON.stringify(JSON.parse(readFileSync(file)), null, 2)}\n`);
  }
  if (!options.includes('write=no')) on22('../document.ts', []);
} finally {
  rmSync(folder, { recursive: true });
}
