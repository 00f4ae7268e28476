import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { id, testWorld, type World } from '../sync/testing/world.ts';
import type { Answer } from '../writer/job.ts';
import { QueuedWriter } from '../writer/queue.ts';
import { createApp } from './app.ts';
import { publicBase } from './base.ts';

let world: World;
let server: Server;
let url: string;
let writer: QueuedWriter;
/** Answers what has reached the writer so far; until then everything waits. */
let release: () => void;

const DONE: Answer = { ok: true, value: { client_id: id(), results: '[]', channel_revs: {}, last_rev: 0 } };

beforeAll(async () => {
  world = await testWorld();
  const waiting: ((answer: Answer) => void)[] = [];
  release = () => waiting.splice(0).forEach((resolve) => resolve(DONE));
  writer = new QueuedWriter(() => ({
    send: () => new Promise((resolve) => waiting.push(resolve)),
    close: () => Promise.resolve(),
  }));
  const { raw, db } = world.connection;
  const user = () => Promise.resolve(world.owner);
  const { app } = createApp(
    {
      ...world.deps,
      auth: { user, holder: user, forget: () => undefined },
      writer,
      db,
      raw,
      publicBase: publicBase(null, () => ''),
      storageUsed: () => 0,
    },
    { corsOrigins: [], bytes: [], beside: [] },
  );
  server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  world.connection.close();
});

function push(): Promise<Response> {
  const change = { rev: 1, type: 'DELETED', table: 'contentnode', key: id(), channel_id: id() };
  const body = JSON.stringify({ client_id: id(), changes: [change] });
  return fetch(`${url}/api/sync`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
}

it('says 503 and when to come again while too much waits, goes on reading, and takes changes again afterwards', async () => {
  const flood: Promise<unknown>[] = [];
  for (let jobs = 0; jobs < 4_000; jobs += 1) flood.push(writer.sync(world.owner, new Uint8Array(10)));

  const refused = await push();
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(await refused.json()).toMatchObject({ error: { code: 'busy' } });
  const read = await fetch(`${url}/api/contentnode?parent=${id()}`);
  expect(read.status).toBe(200);

  release();
  await Promise.all(flood);
  let status = 0;
  void push().then((taken) => (status = taken.status));
  await expect.poll(() => (release(), status)).toBe(200);
});

it('bounds the bytes that wait, too', async () => {
  const body = new Uint8Array(16_777_216);
  const flood = Array.from({ length: 16 }, () => writer.sync(world.owner, body));
  await expect(writer.sync(world.owner, body)).rejects.toMatchObject({ error: { code: 'busy' } });
  release();
  await Promise.all(flood);
});
