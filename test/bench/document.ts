/**
 * Puts what was found (test/bench/results) into docs/benchmarks.md, and draws its pictures.
 *
 *   npx tsx --conditions=source test/bench/document.ts
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { documentOf } from './report/document.ts';
import type { Findings } from './report/report.ts';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const file = path('../../docs/benchmarks.md');

const results = readdirSync(path('results')).filter((name) => name.endsWith('.json'));
const all = Object.fromEntries(
  results.map((name) => [
    basename(name, '.json'),
    JSON.parse(readFileSync(path(`results/${name}`), 'utf8')) as Findings,
  ]),
);
const { text, pictures } = documentOf(readFileSync(file, 'utf8'), all);
writeFileSync(file, await format(text, { ...(await resolveConfig(file)), parser: 'markdown' }));
for (const [name, picture] of Object.entries(pictures)) writeFileSync(path(`../../docs/${name}.svg`), picture);
console.log(`docs/benchmarks.md shows ${Object.keys(all).join(', ')}`);
