import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSettings, startServer } from '@cambium/server';
import { afterAll, expect, it } from 'vitest';
import { createProgram } from '../../packages/cli/src/program.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const docs = readdirSync(join(root, 'docs'), { encoding: 'utf8', recursive: true }).filter((name) =>
  name.endsWith('.md'),
);
const pages = ['README.md', ...docs.map((name) => join('docs', name))];
/** Inside of the repository, so that the packages are found. */
const work = join(root, 'test/dist/readme');
const data = mkdtempSync(join(tmpdir(), 'cambium-readme-'));
const token = 'the-token-of-the-readme-test';

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
  rmSync(data, { recursive: true, force: true });
});

interface Block {
  /** Page and line, for messages. */
  at: string;
  /** The heading that it stands under. */
  heading: string;
  text: string;
}

function blocks(language: string): Block[] {
  return pages.flatMap((page) => {
    const found: Block[] = [];
    let heading = '';
    let open: { fence: string; at: string; lines: string[] } | null = null;
    for (const [index, line] of readFileSync(join(root, page), 'utf8').split('\n').entries()) {
      if (open && line === '```') {
        if (open.fence === language) found.push({ at: open.at, heading, text: open.lines.join('\n') });
        open = null;
      } else if (open) open.lines.push(line);
      else if (line.startsWith('```')) open = { fence: line.slice(3), at: `${page}:${index + 1}`, lines: [] };
      else if (line.startsWith('#')) heading = line.replace(/^#+ /, '');
    }
    return found;
  });
}

/** What a reader has already, and what has to be true at the end. Every block with code needs both. */
const AROUND: Record<string, { before: string; after: string }> = {
  'Embedding the client': {
    before: `
      import 'fake-indexeddb/auto';
      import { strict as assert } from 'node:assert';
      const token = process.env['TOKEN'] ?? '';
      const titles: string[][] = [];
      const render = (nodes: { title: string }[]): void => void titles.push(nodes.map(({ title }) => title));
      const show = (phase: string, pending: number, stalled: string | undefined): void => {
        assert.ok(phase.length > 0 && pending >= 0 && stalled === undefined);
      };
      const explain = (refused: unknown[]): void => assert.deepEqual(refused, []);
      const pdf = new File(['%PDF-1.4'], 'osmosis.pdf');`,
    after: `
      await client.sync();
      await client.files.drain();
      await client.sync();
      assert.equal((await client.status()).pending, 0);
      assert.deepEqual(titles.at(-1), ['Cells and tissues']);
      assert.deepEqual((await client.files.attached(lesson)).map(({ uploaded }) => uploaded), [true]);
      await client.close();
      process.exit(0);`,
  },
  'Embedding the server': { before: '', after: '' },
};

it('has code that compiles, and does what it says', async () => {
  const server = await startServer(
    readSettings({ DATA_DIR: data, PORT: '0', ADMIN_TOKEN: token, LOG_LEVEL: 'error' }, data),
  );
  try {
    mkdirSync(work, { recursive: true });
    const files = blocks('ts').map(({ at, heading, text }, index) => {
      const around = AROUND[heading];
      if (!around) throw new Error(`${at}: nothing is known of the code under “${heading}”`);
      const file = join(work, `block-${index + 1}.mts`);
      const code = text.replaceAll('http://127.0.0.1:8787', server.url).replaceAll('./data', join(data, String(index)));
      writeFileSync(file, `${around.before}\n${code}\n${around.after}\nexport {};\n`);
      return { at, file };
    });
    expect(files.length).toBeGreaterThan(1);

    const tsconfig = join(work, 'tsconfig.json');
    writeFileSync(
      tsconfig,
      JSON.stringify({
        extends: '../../../tsconfig.base.json',
        compilerOptions: {
          noEmit: true,
          composite: false,
          incremental: false,
          rewriteRelativeImportExtensions: false,
          types: ['node'],
        },
        include: ['*.mts'],
      }),
    );
    const tsc = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', tsconfig]);
    expect(tsc.stdout.toString()).toBe('');

    for (const { at, file } of files) {
      const { code, errors } = await run(file);
      expect(code, `${at}: ${errors}`).toBe(0);
    }
  } finally {
    await server.stop();
  }
}, 120_000);

/** The server is one of this process, so it must not be kept waiting meanwhile. */
function run(file: string): Promise<{ code: number | null; errors: string }> {
  const child = spawn(process.execPath, ['--conditions', 'source', '--import', 'tsx', file], {
    cwd: root,
    env: { ...process.env, TOKEN: token },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return new Promise((resolve) => void child.once('exit', (code) => resolve({ code, errors })));
}

it('names commands that there are', () => {
  const lines = blocks('sh').flatMap(({ text }) => text.split('\n'));
  const commands = lines.flatMap((line) => line.replace(/#.*/, '').split('&&')).map((part) => part.trim().split(/\s+/));
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const program = createProgram();
  for (const [first, second, ...rest] of commands.filter(([word]) => word)) {
    if (first === 'npm') expect(['ci', ...Object.keys(scripts)]).toContain(second);
    else if (first === 'node') expect(existsSync(join(root, second ?? '')), second).toBe(true);
    else {
      expect([first, second]).toEqual(['npx', 'cambium']);
      const command = program.commands.find((each) => each.name() === rest[0]);
      expect(command, rest[0]).toBeDefined();
      const inner = command?.commands.find((each) => each.name() === rest[1]);
      if ((command?.commands.length ?? 0) > 0) expect(inner, rest.join(' ')).toBeDefined();
      const known = (inner ?? command)?.options.map(({ long }) => long);
      for (const flag of rest.filter((word) => word.startsWith('--'))) expect(known, flag).toContain(flag);
    }
  }
  expect(commands.length).toBeGreaterThan(5);
});

it('leads to files that there are', () => {
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8');
    for (const [, target] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g))
      expect(existsSync(join(root, dirname(page), target as string)), `${page}: ${target}`).toBe(true);
  }
});
