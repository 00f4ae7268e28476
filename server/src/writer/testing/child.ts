// Run by kill.test.ts as a process of its own: sends batches through the writer thread until it is killed.
import { testDeps } from '../../sync/testing/world.ts';
import { batchOf } from './batches.ts';
import { threadWriter } from '../handle.ts';
import type { User } from '../writer.ts';

const [database, user] = process.argv.slice(2) as [string, string];
const writer = await threadWriter({ database, log: testDeps().log });
const author = JSON.parse(user) as User;
for (let n = 0; ; n += 1) {
  const { results } = await writer.sync(author, batchOf(n));
  process.stdout.write(`${results}\n`);
}
