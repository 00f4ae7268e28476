import { afterEach, beforeEach, expect, test } from 'vitest';
import { freshId, startTestServer, topic, type TestServer } from '../testing/harness.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.stop());

/** Samples by `name{labels}`. */
async function scrape(): Promise<Map<string, number>> {
  const response = await fetch(`${server.server.url}/metrics`);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

/** Waits until a sample has the value: a request is counted when its answer is over, which its reader sees first. */
async function settled(name: string, value: number): Promise<void> {
  await expect.poll(async () => (await scrape()).get(name) ?? 0).toBe(value);
}

test('requests are measured by route and status, and no id, token or query is told', async () => {
  const { admin } = server;
  const { id } = await admin.channel(['A']);
  await admin.get(`/api/channel/${id}?secret=in-a-query`);
  await admin.get(`/api/channel/${freshId()}`);
  await admin.call('BREW' as 'GET', '/api/channel').catch(() => undefined);
  await admin.get('/nowhere/at-all');
  const count = (method: string, route: string, status: number) =>
    `cambium_http_request_duration_seconds_count{method="${method}",route="${route}",status="${status}"}`;
  await settled(count('GET', '/api/channel/:id', 200), 1);
  await settled(count('GET', '/api/channel/:id', 404), 1);
  await settled(count('POST', '/api/sync', 200), 1);
  const names = [...(await scrape()).keys()].join('\n');
  expect(names).not.toContain(id);
  expect(names).not.toContain('in-a-query');
  expect(names).not.toContain('nowhere');
  expect(names).toContain('process_cpu_seconds_total');
});

test('changes are counted by outcome, commits are timed by kind, and the queue is empty again', async () => {
  const { admin } = server;
  const { id, topics } = await admin.channel(['A']);
  await admin.sync([
    { type: 'MOVED', table: 'contentnode', key: id, channel_id: id, target: topics[0] as string },
    topic(freshId(), freshId(), freshId(), 'elsewhere'),
  ]);
  await admin.call('PATCH', `/api/contentnode/${topics[0]}`, { title: 'B' });
  const samples = await scrape();
  expect(samples.get('cambium_changes_total{outcome="applied"}')).toBe(3);
  expect(samples.get('cambium_changes_total{outcome="rejected"}')).toBe(1);
  expect(samples.get('cambium_changes_total{outcome="disallowed"}')).toBe(1);
  expect(samples.get('cambium_commit_duration_seconds_count{kind="sync"}')).toBe(2);
  expect(samples.get('cambium_commit_duration_seconds_count{kind="commit"}')).toBe(1);
  expect(samples.get('cambium_writer_queue')).toBe(0);
});

test('open event streams are counted, and no more when they end', async () => {
  await settled('cambium_event_streams', 0);
  const ending = new AbortController();
  await fetch(`${server.server.url}/api/sync/events`, {
    headers: { authorization: `Token ${server.admin.token}` },
    signal: ending.signal,
  });
  await settled('cambium_event_streams', 1);
  ending.abort();
  await settled('cambium_event_streams', 0);
});

test('uploads are counted while bytes come, and as unfinished until they are whole', async () => {
  const tus = { 'tus-resumable': '1.0.0' };
  const made = await server.admin.call('POST', '/api/upload', new Uint8Array(0), { ...tus, 'upload-length': '4' });
  await settled('cambium_uploads_unfinished', 1);
  await settled('cambium_uploads_in_flight', 0);
  let goOn = (_bytes: string) => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(Buffer.from('ab'));
      goOn = (bytes) => {
        controller.enqueue(Buffer.from(bytes));
        controller.close();
      };
    },
  });
  const sent = fetch(
    made.headers.get('location') as string,
    {
      method: 'PATCH',
      headers: {
        ...tus,
        authorization: `Token ${server.admin.token}`,
        'upload-offset': '0',
        'content-type': 'application/offset+octet-stream',
      },
      body,
      duplex: 'half',
    } as RequestInit,
  );
  await settled('cambium_uploads_in_flight', 1);
  goOn('cd');
  expect((await sent).status).toBe(204);
  await settled('cambium_uploads_in_flight', 0);
  await settled('cambium_uploads_unfinished', 0);
});
