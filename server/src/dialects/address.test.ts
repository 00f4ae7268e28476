import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../http/testing/harness.ts';
import { signedForm, type Consumer } from './testing/learnosity.ts';

const servers: TestServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.stop())));

/** Every address that the APIs of other systems hand out for one file. */
async function addresses(test: TestServer, headers: Record<string, string>): Promise<string[]> {
  const { url } = test.server;
  const form = new FormData();
  form.set('data', '{"item":{"id":1}}');
  form.set('file', new Blob(['text\n']), 'a.txt');
  const key = `?key=${test.admin.token}`;
  const made = await fetch(`${url}/api/files${key}`, { method: 'POST', body: form, headers });
  const file = (await made.json()) as { url: string; file_urls: { original: string }; item: { url: string } };
  const list = await fetch(`${url}/api/files${key}`, { headers });
  const [, first = ''] = /^<([^?]*)/.exec(list.headers.get('link') ?? '') ?? [];
  const consumer = (await test.server.admin('learnosity.add', { organisation: 1 })) as unknown as Consumer;
  const body = signedForm(consumer, { subkeys: ['a.jpg'] });
  const granted = await fetch(`${url}/v1/itembank/upload/assets`, { method: 'POST', body, headers });
  const { data } = (await granted.json()) as { data: [{ upload: string; public: string }] };
  const [{ upload, public: open }] = data;
  return [made.headers.get('location') ?? '', file.file_urls.original, file.item.url, first, upload, `https:${open}`];
}

let plain: TestServer;
beforeAll(async () => {
  plain = await startTestServer();
  servers.push(plain);
});

it('hands out addresses with the scheme that the proxy in front was asked by', async () => {
  const host = new URL(plain.server.url).host;
  const given = await addresses(plain, { 'x-forwarded-proto': 'https' });
  expect(given.map((address) => new URL(address).origin)).toEqual(given.map(() => `https://${host}`));
});

it('hands out addresses below the public URL, where one is set', async () => {
  const behind = await startTestServer({ PUBLIC_URL: 'https://cambium.example/app' });
  servers.push(behind);
  const given = await addresses(behind, {});
  for (const address of given) expect(address).toMatch(/^https:\/\/cambium\.example\/app\/(?:api|files|learnosity)\//);
});
