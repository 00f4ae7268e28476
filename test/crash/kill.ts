// Kills a server with SIGKILL again and again while clients push batches, then checks that nothing acknowledged is
// lost, nothing is done twice, and `cambium check` finds nothing.
//
//     npx tsx --conditions=source test/crash/kill.ts --kills 10 --seed 1
import { parseArgs } from 'node:util';
import { killAndCompare } from './kills.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const seed = Number(values.seed);
const { kills, changes, repeated, problems } = await killAndCompare(Number(values.kills), seed);
for (const problem of problems) console.log(problem);
console.log(
  `seed ${seed}: killed ${kills} times, ${changes} changes answered, ${repeated} requests repeated, ${problems.length} problems`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
