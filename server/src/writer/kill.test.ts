import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openDatabase } from '../database/open.ts';
import { outline, testDeps, testWorld } from '../sync/testing/world.ts';
import { checkTree } from '../tree/index.ts';
import { inlineWriter } from './inline.ts';
import { CHANNEL, SIZE, batchOf, titleOf } from './testing/batches.ts';

const child = fileURLToPath(new URL('./testing/child.ts', import.meta.url));

/** Runs the child until it has answered so many batches, then kills it in the middle of the next ones. */
async function answersUntilKilled(database: string, user: string, batches: number): Promise<string[]> {
  const running = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', child, database, user], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const answers: string[] = [];
  for await (const line of createInterface(running.stdout)) {
    answers.push(line);
    if (answers.length === batches) setTimeout(() => running.kill('SIGKILL'), Math.random() * 20);
  }
  return answers;
}

it('loses nothing that was answered, keeps nothing half, and applies exactly once what is sent again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cambium-kill-'));
  const database = join(folder, 'test.db');
  const world = await testWorld(database);
  world.connection.close();
  const answers = await answersUntilKilled(database, JSON.stringify(world.owner), 5);
  expect(answers.length).toBeGreaterThanOrEqual(5);

  const connection = openDatabase(database);
  const { head } = connection.raw.prepare('SELECT head FROM channel').get() as { head: number };
  const batches = (head - 1) / SIZE;
  expect(Number.isInteger(batches)).toBe(true);
  expect(batches).toBeGreaterThanOrEqual(answers.length);
  expect(connection.raw.prepare('SELECT count(*) AS n FROM change_log').get()).toEqual({ n: head });
  expect(connection.raw.prepare('SELECT sum(last - first + 1) AS n FROM outcome').get()).toEqual({ n: head });

  const writer = inlineWriter(connection.raw, testDeps());
  for (let n = 0; n <= batches; n += 1) {
    const { results } = await writer.sync(world.owner, batchOf(n));
    if (n < answers.length) expect(results).toBe(answers[n]);
  }
  const titles = Array.from({ length: (batches + 1) * SIZE }, (_, k) => `  ${titleOf(Math.floor(k / SIZE), k % SIZE)}`);
  expect(outline({ ...world, connection }, CHANNEL)).toEqual(['C', ...titles]);
  expect(checkTree(connection.raw)).toEqual([]);
  connection.close();
  rmSync(folder, { recursive: true });
});
