import { expect, it } from 'vitest';
import { TestClient, id, testWorld } from '../sync/testing/world.ts';

it('gives up on a transaction that fails even when nothing is in it', async () => {
  const { connection, writer, owner } = await testWorld();
  const exec = connection.raw.exec.bind(connection.raw);
  let commits = 0;
  connection.raw.exec = (sql) => {
    if (sql === 'COMMIT') commits += 1;
    // Far enough for a loop to be one, not so far that this test would hang in it.
    if (sql === 'COMMIT' && commits <= 50) throw new Error('nothing can be committed');
    return exec(sql);
  };
  const client = new TestClient(writer, owner);
  const channel = id();
  await expect(client.send(client.channel(channel))).rejects.toMatchObject({ error: { code: 'internal_error' } });
  expect(commits).toBeLessThan(50);
});
