import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { openDatabase } from '../database/open.ts';
import { testDeps } from '../sync/testing/world.ts';
import { Checkpointer } from './checkpointer.ts';

it('moves a long log into the database beside the writer, a short one not yet, and ends when it is told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cambium-checkpoint-'));
  const errors: object[] = [];
  const { raw, close } = openDatabase(join(folder, 'test.db'));
  raw.exec('CREATE TABLE page(bytes BLOB)');
  const log = () =>
    raw.prepare<[], { log: number; checkpointed: number }>('PRAGMA wal_checkpoint(NOOP)').get() ?? {
      log: 0,
      checkpointed: 0,
    };
  const write = (pages: number): void => {
    raw.prepare(`INSERT INTO page VALUES(zeroblob(?))`).run(pages * 4096);
  };
  const checkpointer = new Checkpointer(raw, testDeps(errors).log);

  write(100);
  checkpointer.nudge();
  await checkpointer.close();
  expect(log().checkpointed).toBe(0);

  const second = new Checkpointer(raw, testDeps(errors).log);
  write(5000);
  second.nudge();
  await vi.waitFor(() => expect(log().checkpointed).toBeGreaterThan(5000), { timeout: 20_000 });
  expect(log().checkpointed).toBe(log().log);
  // The next write begins the log anew, so that it never grows for ever.
  write(1);
  expect(log().log).toBeLessThan(100);
  await second.close();
  second.nudge();
  expect(errors).toEqual([]);
  close();
  rmSync(folder, { recursive: true });
});

it('says so when the database is not there any more, and is in nobody’s way then', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cambium-checkpoint-'));
  const errors: object[] = [];
  const { raw, close } = openDatabase(join(folder, 'test.db'));
  rmSync(folder, { recursive: true });
  const checkpointer = new Checkpointer(raw, testDeps(errors).log);
  await vi.waitFor(() => expect(errors).toHaveLength(1), { timeout: 20_000 });
  checkpointer.nudge();
  await checkpointer.close();
  close();
});
