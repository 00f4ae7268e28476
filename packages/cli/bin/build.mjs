// Builds what is missing or older than its sources, so that `npm start` never serves an old version. In an installed
// package there are no sources beside the output and nothing to do.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const STAMP = join(root, 'packages/cli/dist/.built');
const SOURCES = ['packages/protocol', 'packages/tree', 'packages/cli', 'server', 'client', 'client/editor'];

/** The newest change of a folder's sources, as `path:mtime` of every file: a removed file counts as a change too. */
function fingerprint() {
  const parts = [];
  const walk = (dir) => {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.endsWith('.test.ts')) continue;
      const path = join(dir, entry.name);
      if (entry.isDirectory()) walk(path);
      else parts.push(`${path.slice(root.length)}:${statSync(path).mtimeMs}`);
    }
  };
  for (const source of SOURCES) walk(join(root, source));
  parts.push(`lock:${statSync(join(root, 'package-lock.json')).mtimeMs}`);
  return parts.sort().join('\n');
}

function execute(args, cwd) {
  const done = spawnSync(process.execPath, args, { cwd, stdio: ['ignore', 2, 2] });
  if (done.status !== 0) {
    process.stderr.write('cambium could not be built; see the messages above\n');
    process.exit(1);
  }
}

export function build() {
  if (!existsSync(join(root, 'server/src')) || !existsSync(join(root, 'package-lock.json'))) return;
  const now = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === now) return;
  if (process.stderr.isTTY) process.stderr.write('cambium: building what is new, a moment…\n');
  execute([join(root, 'node_modules/typescript/bin/tsc'), '-b', 'packages/cli'], root);
  execute([join(root, 'client/editor/build.mjs')], join(root, 'client/editor'));
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, now);
}
