import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cambium } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'cambium-git-'));

function git(...args: string[]): void {
  const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
  execFileSync('git', ['-C', folder, ...who, ...args], { stdio: 'pipe' });
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function move(from: string, to: string): void {
  mkdirSync(dirname(join(folder, to)), { recursive: true });
  renameSync(join(folder, from), join(folder, to));
}

function commit(): void {
  git('add', '-A');
  git('commit', '-q', '-m', 'a commit');
}

beforeAll(() => {
  git('init', '-q', '-b', 'main');
  const text = Array.from({ length: 60 }, (_, i) => `line ${i}\n`).join('');
  write('a/one.md', text);
  write('a/deep/er/two.md', `${text}two`);
  write('ünï code/quote"s and \ttabs.txt', 'x');
  commit();
  // A rename with a change, two files that swap their names, and a copy.
  move('a/one.md', 'b/uno.md');
  write('b/uno.md', `${text}changed`);
  write('copy.md', `${text}two`);
  commit();
  // A folder where a file was, and a file where a folder was.
  rmSync(join(folder, 'copy.md'));
  write('copy.md/inside.md', 'inside');
  rmSync(join(folder, 'a'), { recursive: true });
  write('a', 'a file now');
  symlinkSync('b/uno.md', join(folder, 'link'));
  commit();
  // A merge counts as one commit against its first parent.
  git('checkout', '-q', '-b', 'side', 'HEAD~1');
  write('side.txt', 'side');
  commit();
  git('checkout', '-q', 'main');
  write('main.txt', 'main');
  commit();
  git('merge', '-q', '--no-edit', 'side');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('plays the history of a repository and ends at the tree of git', { timeout: 60_000 }, async () => {
  const { code, out, err } = await cambium(['replay', '--git', folder, '--seed', '1']);
  expect(err).toBe('');
  expect(out).toMatch(/^replayed \d+ events of 5 batches in [\d.]+ s \(\d+ events\/s\), tree equal$/m);
  expect(code).toBe(0);
});

it('plays it with several clients, each offline and back at random moments', { timeout: 60_000 }, async () => {
  const { code, out, err } = await cambium(['replay', '--git', folder, '--clients', '3', '--seed', '2', '--json']);
  expect(err).toBe('');
  expect(JSON.parse(out)).toMatchObject({ equal: true, batches: 5, seed: 2 });
  expect(code).toBe(0);
});

it('refuses a path segment that is no title, in one line', { timeout: 60_000 }, async () => {
  write('n'.repeat(201), 'long');
  commit();
  const { code, err } = await cambium(['replay', '--git', folder]);
  expect(err).toMatch(/^cambium: a path segment has more than 200 characters: n+…\n$/);
  expect(code).toBe(1);
});
