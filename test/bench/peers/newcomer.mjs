// A device that was never here, in a process of its own: `newcomer.mjs MODULE URL FOLDER`. Joins, pulls everything, and
// tells the seconds from the first request to the last row stored, its memory, and the digest of what it then holds.
import { digestOf } from './nodes.mjs';

process.on('disconnect', () => process.exit(1));
const [module, url, folder] = process.argv.slice(2);
const { join } = await import(`./${module}.mjs`);
const replica = await join(url, folder);
const start = performance.now();
await replica.pull();
const seconds = (performance.now() - start) / 1000;
const memory = process.memoryUsage.rss();
process.send({ seconds, memory, digest: digestOf(await replica.nodes()) }, () => process.exit(0));
