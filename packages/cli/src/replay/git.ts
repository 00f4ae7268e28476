import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Failure } from '../fail.ts';

/** One file of one commit as `git log --raw` tells it, against the first parent. */
export interface FileChange {
  status: 'A' | 'C' | 'D' | 'M' | 'R' | 'T';
  /** Octal; 160000 is a submodule, 120000 a symbolic link. */
  mode: string;
  sha: string;
  path: string;
  /** R and C: where it came from. */
  from?: string;
}

export interface Commit {
  author: string;
  changes: FileChange[];
}

async function git(repository: string, args: string[], input?: string): Promise<Buffer> {
  const child = spawn('git', ['-C', repository, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  // A git that ends early closes the pipe first; its exit code below tells why.
  child.stdin.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') child.emit('error', error);
  });
  child.stdin.end(input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0)
    throw new Failure(`git ${args[0]} failed in ${repository}: ${Buffer.concat(err).toString().trim().split('\n')[0]}`);
  return Buffer.concat(out);
}

/** Marks the start of a commit in the log: no path can hold a NUL before it. */
const COMMIT = '\u0001';

/** The first-parent history, oldest first: a merge is one commit against its first parent. */
export async function firstParentHistory(repository: string): Promise<Commit[]> {
  const args = [
    'log',
    '--first-parent',
    '--diff-merges=first-parent',
    '--reverse',
    '--root',
    '--raw',
    '-z',
    '--no-abbrev',
    '-M50%',
    '-C',
    '-l4000',
    `--format=${COMMIT}%ae`,
  ];
  const fields = (await git(repository, args)).toString('utf8').split('\0');
  const commits: Commit[] = [];
  for (let at = 0; at < fields.length; at += 1) {
    const field = (fields[at] as string).replace(/^\n/, '');
    if (field.startsWith(COMMIT)) {
      commits.push({ author: field.slice(1).trim().toLowerCase(), changes: [] });
      continue;
    }
    if (!field.startsWith(':')) continue;
    const [, mode, , sha, status] = field.split(' ') as [string, string, string, string, string];
    const letter = status[0] as FileChange['status'];
    const paired = letter === 'R' || letter === 'C';
    const first = fields[at + 1] as string;
    const path = paired ? (fields[at + 2] as string) : first;
    commits.at(-1)?.changes.push({ status: letter, mode, sha, path, ...(paired ? { from: first } : {}) });
    at += paired ? 2 : 1;
  }
  return commits;
}

/** Bytes of every blob of the list, by id; what the repository lacks counts as 0. */
export async function blobSizes(repository: string, shas: Iterable<string>): Promise<Map<string, number>> {
  const text = await git(repository, ['cat-file', '--batch-check=%(objectname) %(objectsize)'], [...shas].join('\n'));
  const sizes = new Map<string, number>();
  for (const line of text.toString().split('\n')) {
    const [sha, size] = line.split(' ');
    if (sha !== undefined && size !== undefined && /^\d+$/.test(size)) sizes.set(sha, Number(size));
  }
  return sizes;
}

/** Path and size of every file of HEAD. */
export async function filesOfHead(repository: string): Promise<Map<string, number>> {
  const files = new Map<string, number>();
  for (const record of (await git(repository, ['ls-tree', '-r', '-l', '-z', 'HEAD'])).toString('utf8').split('\0')) {
    const tab = record.indexOf('\t');
    if (tab < 0) continue;
    const size = record.slice(0, tab).trim().split(/\s+/)[3];
    files.set(record.slice(tab + 1), size === undefined || size === '-' ? 0 : Number(size));
  }
  return files;
}
