import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ADMIN_TOKEN, startTestServer, type TestServer } from '../http/testing/harness.ts';
import type { Consumer } from './testing/learnosity.ts';
import { patternOf, readSession, runSession } from './testing/session.ts';

let test: TestServer;
let folder: string;

beforeAll(async () => {
  test = await startTestServer();
  folder = await mkdtemp(join(tmpdir(), 'cambium-session-'));
});
afterAll(async () => {
  await test.stop();
  await rm(folder, { recursive: true });
});

it.each(['classquiz', 'omeka', 'learnosity'])('the session in docs/dialects/%s.md is true', async (name) => {
  const steps = await readSession(new URL(`../../../docs/dialects/${name}.md`, import.meta.url));
  expect(steps.length).toBeGreaterThan(9);
  const consumer = (await test.server.admin('learnosity.add', { organisation: 1 })) as unknown as Consumer;
  const printed = await runSession(steps, folder, {
    CAMBIUM: test.server.url,
    TOKEN: name === 'omeka' ? ADMIN_TOKEN : String((await test.user(name)).token),
    NAME: name,
    CONSUMER: consumer.consumer_key,
    SECRET: consumer.secret,
  });
  for (const [index, step] of steps.entries()) expect(printed[index], step.command).toMatch(patternOf(step));
});
