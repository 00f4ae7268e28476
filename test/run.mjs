// `npm test`: everything, in the order in which it is cheapest to fail. Ends with one line `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name, path) => [process.execPath, join(root, 'node_modules', name, path)];
let passed = 0;
let failed = 0;

/** One step that either holds or does not. */
function step(name, [command, ...args]) {
  const began = Date.now();
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  const ok = done.status === 0;
  if (ok) passed += 1;
  else failed += 1;
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
}

step('types', [...bin('typescript', 'bin/tsc'), '-b']);
step('lint', [process.execPath, join(root, 'node_modules/oxlint/bin/oxlint'), '--type-aware', '--deny-warnings']);
step('format', [...bin('prettier', 'bin/prettier.cjs'), '--check', '.', '--log-level', 'warn']);
// The page and the command are built once here; the tests that start them find them fresh.
step('build', [process.execPath, join(root, 'packages/cli/bin/cambium.js'), '--version']);

const folder = mkdtempSync(join(tmpdir(), 'cambium-test-'));
const report = join(folder, 'report.json');
const tests = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
);
try {
  const summary = JSON.parse(readFileSync(report, 'utf8'));
  passed += summary.numPassedTests;
  // A file that cannot even be loaded has no tests to count, but it has failed.
  const broken = summary.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  failed += summary.numFailedTests + broken;
  if (tests.status !== 0 && summary.numFailedTests + broken === 0) failed += 1;
} catch (error) {
  console.error(`no test report: ${error.message}`);
  failed += 1;
}
rmSync(folder, { recursive: true, force: true });

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
