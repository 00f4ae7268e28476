import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Api, startTestServer, type TestServer } from '../http/testing/harness.ts';
import type { Consumer } from './testing/learnosity.ts';
import { itemsOf, pngOf, waysOf, type Way } from './testing/ways.ts';

let test: TestServer;
let url: string;

beforeAll(async () => {
  test = await startTestServer();
  url = test.server.url;
});
afterAll(() => test.stop());

async function userWithWays(name: string): Promise<{ user: Api; ways: [string, Way][] }> {
  const user = await test.user(name);
  const consumer = await test.server.admin('learnosity.add', { organisation: 1, user: name });
  return { user, ways: Object.entries(waysOf(test, user, consumer as unknown as Consumer)) };
}

/** Where a file shows, by API. */
async function showing(user: Api, id: string): Promise<Record<string, boolean>> {
  const asUser = { headers: { authorization: `Bearer ${user.token}` } };
  const files = (await user.get(`/api/file?id=${id}`)).json as unknown as { url: string }[];
  const content = files[0] ? (await fetch(files[0].url)).status === 200 : false;
  const omeka = await (await fetch(`${url}/api/files?key=${user.token}`)).text();
  return {
    'GET /api/file': files.length === 1,
    'its content URL': content,
    'ClassQuiz meta': (await fetch(`${url}/api/v1/storage/meta/${id}`, asUser)).status === 200,
    'ClassQuiz download': (await fetch(`${url}/api/v1/storage/download/${id}`)).status === 200,
    'ClassQuiz list': (await itemsOf(url, user)).some((item) => item.id.replaceAll('-', '') === id),
    'Omeka list': omeka.includes(`/files/original/${id}`),
    'Omeka original': (await fetch(`${url}/files/original/${id}.png`)).status === 200,
  };
}

const everywhere = (shows: boolean) => ({
  'GET /api/file': shows,
  'its content URL': shows,
  'ClassQuiz meta': shows,
  'ClassQuiz download': shows,
  'ClassQuiz list': shows,
  'Omeka list': shows,
  'Omeka original': shows,
});

async function used(user: Api): Promise<number[]> {
  const me = (await user.get('/api/user/me')).json['storage_used'] as number;
  const limit = await fetch(`${url}/api/v1/storage/limit`, { headers: { authorization: `Bearer ${user.token}` } });
  return [me, ((await limit.json()) as { used: number }).used];
}

it('shows, serves and counts in every API what came by any of them', async () => {
  const { user, ways } = await userWithWays('ada');
  let sum = 0;
  for (const [index, [name, way]] of ways.entries()) {
    const bytes = pngOf(index);
    const id = await way(bytes);
    sum += bytes.length;
    expect(id, name).toMatch(/^[0-9a-f]{32}$/);
    expect(await showing(user, id), name).toEqual(everywhere(true));
    expect(await used(user), name).toEqual([sum, sum]);
    const got = await fetch(`${url}/api/v1/storage/download/${id}`);
    expect(Buffer.from(await got.arrayBuffer()).equals(bytes), name).toBe(true);
  }
  expect(await itemsOf(url, user)).toHaveLength(ways.length);
});

it('stores the same bytes once, and counts them once', async () => {
  const { user, ways } = await userWithWays('bob');
  const bytes = pngOf(1000);
  const blobs = async () =>
    (await readdir(test.settings.storageDir, { recursive: true })).filter((path) => /[0-9a-f]{64}$/.test(path)).length;
  const before = await blobs();
  const ids = new Set<string>();
  for (const [, way] of ways) ids.add(await way(bytes));
  expect([ids.size, (await blobs()) - before, await used(user)]).toEqual([
    ways.length,
    1,
    [bytes.length, bytes.length],
  ]);
});

it('shows in none what was deleted in one', async () => {
  const { user, ways } = await userWithWays('eve');
  const admin = { headers: { authorization: `Bearer ${test.admin.token}` } };
  const removals: [string, (id: string) => Promise<Response>][] = [
    [
      'DELETE /api/file',
      (id) => fetch(`${url}/api/file/${id}`, { method: 'DELETE', headers: { authorization: `Bearer ${user.token}` } }),
    ],
    [
      'ClassQuiz',
      (id) =>
        fetch(`${url}/api/v1/storage/meta/${id}`, {
          method: 'DELETE',
          headers: { authorization: `Bearer ${user.token}` },
        }),
    ],
    [
      'Omeka',
      async (id) => {
        const list = (await (await fetch(`${url}/api/files?key=${test.admin.token}`)).json()) as {
          id: number;
          filename: string;
        }[];
        const number = list.find(({ filename }) => filename.startsWith(id))?.id;
        return fetch(`${url}/api/files/${number}?key=${test.admin.token}`, { method: 'DELETE', ...admin });
      },
    ],
  ];
  for (const [index, [name, remove]] of removals.entries()) {
    const [, way] = ways[index + 2] as [string, Way];
    const id = await way(pngOf(2000 + index));
    expect((await remove(id)).status, name).toBeLessThan(300);
    expect(await showing(user, id), name).toEqual(everywhere(false));
  }
  expect(await used(user)).toEqual([0, 0]);
});

it('keeps one quota, whichever API is asked', async () => {
  const made = await test.admin.post('/api/user', { username: 'tiny', storage_limit: 10 });
  const tiny = new Api(url, made.json['token'] as string, made.json['id'] as string);
  const consumer = await test.server.admin('learnosity.add', { organisation: 2, user: 'tiny' });
  for (const [name, way] of Object.entries(waysOf(test, tiny, consumer as unknown as Consumer))) {
    await expect(way(pngOf(3000)), name).rejects.toThrow();
    expect(await used(tiny), name).toEqual([0, 0]);
  }
});

/** Does an address answer in the words of the API that it belongs to? */
const PROBES: Record<string, [method: string, path: string, text: RegExp][]> = {
  classquiz: [
    ['GET', '/api/v1/storage/limit', /"detail"/],
    ['GET', '/api/v1/storage/nothing', /"detail"/],
  ],
  omeka: [
    ['GET', '/api/files', /^\[/],
    ['GET', '/api/element_sets/99', /"message":"Invalid record/],
    ['GET', '/api/nothing?key=x', /"message":"Invalid key/],
    ['GET', '/files/original/x.png', /^Not Found$/],
  ],
  learnosity: [
    ['POST', '/v1/itembank/upload/assets', /"code":41000/],
    ['GET', '/learnosity/organisations/1/x', /<Code>NoSuchKey/],
    ['POST', '/itembank/upload/assets', /^Invalid request/],
  ],
};

it.each(['none', 'classquiz', 'omeka', 'learnosity', 'omeka,learnosity'])(
  'serves what DIALECTS=%s names',
  async (names) => {
    const some = await startTestServer({ DIALECTS: names });
    try {
      for (const [name, probes] of Object.entries(PROBES)) {
        for (const [method, path, text] of probes) {
          const answer = await (await fetch(some.server.url + path, { method })).text();
          expect(text.test(answer), `${name}: ${method} ${path}: ${answer.slice(0, 100)}`).toBe(names.includes(name));
        }
      }
      expect((await some.admin.get('/api/user/me')).status).toBe(200);
      const nothing = (await some.admin.get('/api/nothing')).json;
      expect(nothing).toMatchObject({ error: { code: 'not_found' } });
    } finally {
      await some.stop();
    }
  },
);
