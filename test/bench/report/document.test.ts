import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { documentOf } from './document.ts';
import { figureOf } from './figure.ts';
import { pivot } from './pivot.ts';
import type { Findings } from './report.ts';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const about = { node: '22.0.0', machine: '2 × a processor', load: [0, 1] as [number, number], seconds: 9 };

test('rows of one value become a table, and what was not measured is empty', () => {
  const rows = [
    { model: 'a', size: 10, µs: 1 },
    { model: 'b', size: 10, µs: 2 },
    { model: 'a', size: 1000, µs: 3 },
  ];
  const table = pivot(rows, 'model', 'size', 'µs');
  expect(table).toEqual([
    { model: 'a', 'size 10': 1, 'size 1,000': 3 },
    { model: 'b', 'size 10': 2, 'size 1,000': '' },
  ]);
  expect(Object.keys(table[0] ?? {})).toEqual(['model', 'size 10', 'size 1,000']);
});

test('a block is put in anew and the text around it stays', () => {
  const findings: Findings = { ...about, part: 'push', rows: [{ what: 'heard', 'p50 ms': figureOf([3]) }] };
  const once = documentOf('before\n\n<!-- push -->\n\nold\n\n<!-- end -->\n\nafter', { push: findings }).text;
  expect(once).toMatch(/^before\n\n<!-- push -->\n\n_Node 22\.0\.0 on .*\| heard \| 3 \|\n\n<!-- end -->\n\nafter$/s);
  expect(once).not.toContain('old');
  expect(documentOf(once, { push: findings }).text).toBe(once);
});

test('findings that have no place in the text, or that nobody can show, are told', () => {
  const rows = [{ what: 'x' }];
  expect(() => documentOf('no block', { push: { ...about, part: 'push', rows } })).toThrow('no place for push');
  expect(() => documentOf('', { weather: { ...about, part: 'weather', rows } })).toThrow('how to show weather');
});

test('a goal of the ingest counts as reached only when the median is there', () => {
  const row = (system: string, rate: number) => ({
    batch: 100,
    system,
    'nodes/s': figureOf([rate]),
    'CPU µs a node': figureOf([1]),
    'an answer means': 'x',
    answers: 'y',
  });
  const names = ['ingest', 'ingest-goals', 'ingest-cpu'];
  const page = names.map((name) => `<!-- ${name} -->\n<!-- end -->`).join('\n');
  const shown = (ours: number) => {
    const rows = [row('Cambium', ours), row('a peer', 45_000)];
    return documentOf(page, { ingest: { ...about, part: 'ingest', rows } }).text;
  };
  expect(shown(50_000).match(/\| (yes|no) \|/g)).toEqual(['| yes |', '| yes |']);
  expect(shown(42_000).match(/\| (yes|no) \|/g)).toEqual(['| yes |', '| no |']);
  expect(shown(30_000)).toContain('| the same, beside the fastest peer (a peer) | ≥ 45,000 | 30,000 | no |');
});

test('docs/benchmarks.md and its pictures show what the results say', async () => {
  const file = path('../../../docs/benchmarks.md');
  const results = readdirSync(path('../results')).filter((name) => name.endsWith('.json'));
  const all = Object.fromEntries(
    results.map((name) => [
      basename(name, '.json'),
      JSON.parse(readFileSync(path(`../results/${name}`), 'utf8')) as Findings,
    ]),
  );
  const written = readFileSync(file, 'utf8');
  const { text, pictures } = documentOf(written, all);
  expect(await format(text, { ...(await resolveConfig(file)), parser: 'markdown' })).toBe(written);
  for (const [name, picture] of Object.entries(pictures)) {
    expect(readFileSync(path(`../../../docs/${name}.svg`), 'utf8')).toBe(picture);
  }
});
