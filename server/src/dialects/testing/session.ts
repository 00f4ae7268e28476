import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MARK = '=== end of the command ===';

/** One command of a session in a document, and what it should print. */
export interface Step {
  command: string;
  expected: string;
}

/** The commands of the ```console blocks of a document: a line after `$ ` is one, what follows is its output. */
export async function readSession(path: URL): Promise<Step[]> {
  const text = await readFile(path, 'utf8');
  const steps: Step[] = [];
  for (const [, block = ''] of text.matchAll(/^```console\n(.*?)^```$/gms)) {
    for (const line of block.trimEnd().split('\n')) {
      const last = steps.at(-1);
      if (line.startsWith('$ ')) steps.push({ command: line.slice(2), expected: '' });
      else if (last) last.expected += `${line}\n`;
    }
  }
  return steps;
}

/** Runs the commands in one shell, in an empty folder; gives what each printed. */
export async function runSession(
  steps: readonly Step[],
  folder: string,
  env: Record<string, string>,
): Promise<string[]> {
  const script = steps.map(({ command }) => `${command}\nprintf '\\n%s\\n' '${MARK}'`).join('\n');
  const { stdout } = await run('bash', ['-c', script], { cwd: folder, env: { PATH: process.env['PATH'], ...env } });
  // Headers end in a carriage return.
  return stdout
    .replaceAll('\r', '')
    .split(`\n${MARK}\n`)
    .slice(0, -1)
    .map((text) => text.trimEnd());
}

/** The output as the document gives it; `…` stands for anything. */
export function patternOf({ expected }: Step): RegExp {
  const parts = expected
    .trimEnd()
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
