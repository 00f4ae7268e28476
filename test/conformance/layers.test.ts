import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Folders from the lowest layer up; each may import from itself and from what is named for it, nothing else. */
const ALLOWED: Record<string, string[]> = {
  'packages/protocol/src': [],
  'packages/tree/src': ['packages/protocol/src'],
  'server/src/database': ['packages/protocol/src', 'packages/tree/src'],
  'server/src/tree': ['packages/protocol/src', 'packages/tree/src', 'server/src/database'],
  'server/src/tables': ['packages/protocol/src', 'packages/tree/src', 'server/src/database', 'server/src/tree'],
  'server/src/sync': [
    'packages/protocol/src',
    'packages/tree/src',
    'server/src/database',
    'server/src/tree',
    'server/src/tables',
  ],
  'server/src/writer': [
    'packages/protocol/src',
    'packages/tree/src',
    'server/src/database',
    'server/src/tree',
    'server/src/tables',
    'server/src/sync',
    'server/src/files',
    // Their named transactions run in the writer's thread.
    'server/src/dialects',
  ],
  'server/src/files': ['packages/protocol/src', 'packages/tree/src', 'server/src/database'],
  'server/src/dialects': ['packages/protocol/src', 'packages/tree/src', 'server/src/database', 'server/src/files'],
  'server/src/http': [
    'packages/protocol/src',
    'packages/tree/src',
    'server/src/database',
    'server/src/tree',
    'server/src/tables',
    'server/src/sync',
    'server/src/writer',
  ],
  'client/src/database': ['packages/protocol/src', 'packages/tree/src'],
  'client/src/changes': ['packages/protocol/src', 'packages/tree/src', 'client/src/database', 'client/src/replica'],
  'client/src/replica': ['packages/protocol/src', 'packages/tree/src', 'client/src/database', 'client/src/changes'],
  'client/src/sync': [
    'packages/protocol/src',
    'packages/tree/src',
    'client/src/database',
    'client/src/changes',
    'client/src/replica',
  ],
  'client/src/uploads': [
    'packages/protocol/src',
    'packages/tree/src',
    'client/src/database',
    'client/src/changes',
    'client/src/replica',
  ],
  'client/editor/src': ['packages/protocol/src', 'client/src'],
  'packages/cli/src': ['packages/protocol/src', 'packages/tree/src', 'server/src', 'client/src'],
};

const PACKAGES: Record<string, string> = {
  '@cambium/protocol': 'packages/protocol/src',
  '@cambium/tree': 'packages/tree/src',
  '@cambium/server': 'server/src',
  '@cambium/client': 'client/src',
  cambium: 'packages/cli/src',
};

/** Types that only describe a seam may be named by everybody: the world, and what a writer promises. */
const SEAMS = ['server/src/deps', 'client/src/deps', 'server/src/writer/writer'];

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name) && !/\/(?:dist|testing)\//.test(name));
}

/** What a file imports, as paths of the repository: relative ones and our own packages. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const names = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] as string);
  return names.flatMap((name) => {
    if (name.startsWith('.')) return [relative(root, join(root, dirname(file), name)).replace(/\.tsx?$/, '')];
    const owner = Object.keys(PACKAGES).find((prefix) => name === prefix || name.startsWith(`${prefix}/`));
    return owner === undefined ? [] : [`${PACKAGES[owner]}/index`];
  });
}

for (const [folder, allowed] of Object.entries(ALLOWED)) {
  it(`${folder} imports only from the layers below it`, () => {
    const wrong = sources(folder).flatMap((file) =>
      importsOf(file)
        .filter(
          (target) => ![folder, ...allowed].some((layer) => target.startsWith(`${layer}/`)) && !SEAMS.includes(target),
        )
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });
}

it('client and server never import each other', () => {
  const crossing = [
    ...sources('client/src').map((file) => [file, 'server/'] as const),
    ...sources('server/src').map((file) => [file, 'client/'] as const),
  ].flatMap(([file, other]) =>
    importsOf(file)
      .filter((target) => target.startsWith(other))
      .map((target) => `${file} imports ${target}`),
  );
  expect(crossing).toEqual([]);
});
