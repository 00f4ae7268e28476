import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSettings, startServer, type RunningServer } from '@cambium/server';
import { cambium } from './run.ts';

interface Consumer {
  consumer_key: string;
  secret: string;
}

const folder = mkdtempSync(join(tmpdir(), 'cambium-learnosity-'));
const env = { DATA_DIR: folder, PORT: '0' };
let server: RunningServer;

beforeAll(async () => {
  server = await startServer(readSettings({ ...env, LOG_LEVEL: 'error' }, folder));
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const add = async (...args: string[]) => await cambium(['learnosity', 'add', ...args], { env });

/** What the running server answers to a request that the consumer signs. */
async function ask({ consumer_key, secret }: Consumer, domain: string) {
  const timestamp = new Date()
    .toISOString()
    .replace(/\D/g, '')
    .replace(/^(.{8})(.{4}).*/, '$1-$2');
  const request = '{"subkeys":["a.jpg"]}';
  const text = [consumer_key, domain, timestamp, request, 'get'].join('_');
  const signature = `$02$${createHmac('sha256', secret).update(text).digest('hex')}`;
  const security = JSON.stringify({ consumer_key, domain, timestamp, signature });
  const body = new URLSearchParams({ security, request, action: 'get' });
  const answer = await fetch(`${server.url}/v1/itembank/upload/assets`, { method: 'POST', body });
  return ((await answer.json()) as { meta: { status: boolean; code?: number } }).meta;
}

it('adds consumers to a running server, lists them, and takes them away', { timeout: 60_000 }, async () => {
  const made = await add('--organisation', '7', '--domain', 'example.org', '--json');
  expect([made.code, made.err]).toEqual([0, '']);
  const consumer = JSON.parse(made.out) as Consumer;
  expect(consumer).toEqual({
    consumer_key: expect.stringMatching(/^[A-Za-z0-9]{16}$/),
    secret: expect.stringMatching(/^[A-Za-z0-9]{40}$/),
    organisation: 7,
    domain: 'example.org',
    user: 'admin',
  });
  expect(await ask(consumer, 'example.org')).toMatchObject({ status: true });
  expect(await ask(consumer, 'localhost')).toMatchObject({ status: false, code: 41005 });

  const listed = await cambium(['learnosity', 'list'], { env });
  expect(listed).toEqual({ code: 0, err: '', out: `${consumer.consumer_key} organisation 7 example.org admin\n` });

  const removed = await cambium(['learnosity', 'remove', consumer.consumer_key], { env });
  expect(removed).toEqual({ code: 0, err: '', out: `${consumer.consumer_key} is removed\n` });
  expect(await ask(consumer, 'example.org')).toMatchObject({ status: false, code: 41002 });
  expect((await cambium(['learnosity', 'list', '--json'], { env })).out).toBe('[]\n');
  const again = await cambium(['learnosity', 'remove', consumer.consumer_key], { env });
  expect([again.code, again.err]).toEqual([1, expect.stringMatching(/no such consumer/i)]);
});

it('says in one line what is wrong', { timeout: 60_000 }, async () => {
  for (const [args, text] of [
    [['--organisation', 'x'], /whole number/],
    [[], /--organisation/],
    [['--organisation', '1', '--user', 'nobody'], /no such user/i],
  ] as const) {
    const { code, err } = await add(...args);
    expect([code === 0, err], args.join(' ')).toEqual([false, expect.stringMatching(text)]);
    expect(err.trim().split('\n').length).toBeLessThanOrEqual(2);
  }
});
