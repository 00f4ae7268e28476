import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { type Browser, chromium, type LaunchOptions } from 'playwright-core';

const SYSTEM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Starts Chromium, and gets one first where there is none. It never passes over the tests in silence. */
export async function launch(): Promise<Browser> {
  return chromium.launch(launchOptions());
}

/** The browser is looked for, and got, when it is launched: whoever only reads a configuration waits for nothing. */
export function launchOptions(): LaunchOptions {
  return {
    get executablePath() {
      return findChromium() ?? installChromium();
    },
    args: browserArguments(),
  };
}

export function browserArguments(): string[] {
  const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
  const still = ['--disable-component-update', '--disable-sync'];
  // Chromium's sandbox refuses to run as root.
  return [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...quiet, ...still];
}

/** The browser that is named, Playwright's own, or the system's. */
function findChromium(): string | undefined {
  const named = process.env['CHROMIUM_PATH'];
  if (named) {
    if (!existsSync(named)) throw new Error(`CHROMIUM_PATH names ${named}, and there is nothing`);
    return named;
  }
  return [chromium.executablePath(), ...SYSTEM].find((path) => existsSync(path));
}

function installChromium(): string {
  const playwright = join(dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')), 'cli.js');
  const tried = [run(process.execPath, [playwright, 'install', 'chromium'])];
  if (!findChromium() && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    tried.push(run('apt-get', ['update']));
    tried.push(run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium']));
  }
  const found = findChromium();
  if (found) return found;
  throw new Error(
    `No Chromium, and none could be installed:\n${tried.join('\n')}\n` +
      'Set CHROMIUM_PATH, or run `npx playwright install chromium`, or install the package `chromium`.',
  );
}

/** Runs an installer; what came of it, for the message when there is still no browser. */
function run(command: string, args: string[]): string {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 300_000 });
  return `${command} ${args.join(' ')}: ${error?.message ?? `exit code ${status} ${(stderr ?? '').slice(-300)}`}`;
}
