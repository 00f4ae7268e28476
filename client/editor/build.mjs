// Builds the page into dist/site, unless what is there is newer than everything that it is made of.
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'vite';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const output = join(here, 'dist/site/index.html');
const sources = [
  ...[
    'src',
    'public',
    'index.html',
    'vite.config.ts',
    'service-worker.js',
    'service-worker-plugin.ts',
    'package.json',
  ].map((name) => join(here, name)),
  ...['client/src', 'packages/protocol/src', 'packages/tree/src', 'package-lock.json'].map((name) => join(root, name)),
];

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  const inside = readdirSync(path).filter((name) => !/\.test\.tsx?$|test-helper/.test(name));
  return Math.max(stat.mtimeMs, ...inside.map((name) => newest(join(path, name))));
}

const built = statSync(output, { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (process.argv.includes('--force') || built < Math.max(...sources.map(newest))) {
  await build({ root: here, configFile: join(here, 'vite.config.ts'), logLevel: 'warn' });
}
